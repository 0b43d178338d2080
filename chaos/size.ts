import type { LoadPlan } from './load/plan.ts';

/** How much of everything a run does. */
export interface Size {
  readonly isShort: boolean;
  readonly replicas: number;
  readonly people: number;
  readonly load: Pick<LoadPlan, 'clients' | 'people' | 'conversations' | 'members' | 'messagesPerSecond'>;
  readonly warmUpMs: number;
  /** The undisturbed stretch that recovery is compared with. */
  readonly baselineMs: number;
  /** How long the load goes on after the fault, at least. */
  readonly afterMs: number;
  readonly loadMsMin: number;
  /** While the fault is done somebody leaves and somebody signs out, at first after so long, then again and again; in the short form once. */
  readonly departures: { readonly firstMs: number; readonly everyMs: number | null };
  readonly convergeMsMax: number;
}

export interface SizeSettings {
  readonly isShort: boolean;
  readonly clients?: number | undefined;
  readonly conversations?: number | undefined;
  readonly messagesPerSecond?: number | undefined;
}

/** Two sockets a person: each has another device. */
const socketsPerPerson = 2;

/** 200 clients in 40 conversations at 300 messages a second for at least 60 s; the short form a fifth of it. */
export const sizeOf = ({ isShort, ...settings }: SizeSettings): Size => {
  const clients = settings.clients ?? (isShort ? 40 : 200);
  const people = Math.max(2, Math.ceil(clients / socketsPerPerson));
  return {
    ...{ isShort, replicas: 2, people },
    load: {
      ...{ clients, people, members: Math.min(5, people) },
      conversations: settings.conversations ?? (isShort ? 8 : 40),
      messagesPerSecond: settings.messagesPerSecond ?? (isShort ? 60 : 300),
    },
    warmUpMs: isShort ? 500 : 3000,
    baselineMs: isShort ? 2500 : 10_000,
    afterMs: isShort ? 1000 : 10_000,
    loadMsMin: isShort ? 0 : 60_000,
    departures: isShort ? { firstMs: 1000, everyMs: null } : { firstMs: 4000, everyMs: 17_000 },
    convergeMsMax: 60_000,
  };
};

/** How many times as long as the catalogue says a short run may take, which is made in CI beside others. */
export const leniencyOf = ({ isShort }: Size): number => (isShort ? 3 : 1);
