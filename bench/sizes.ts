import type { ConversationSizes } from './conversations/seed-store.ts';
import type { RoomGroup } from './system/shapes.ts';

/** The web client in a browser: messages of its conversation, how long it scrolls up, and messages that are written a round. */
export interface WebSizes {
  readonly messages: number;
  readonly scrollMs: number;
  readonly sends: number;
}

/** How big and how long everything is. */
export interface Sizes {
  readonly small: readonly RoomGroup[];
  readonly big: readonly RoomGroup[];
  readonly mixed: readonly RoomGroup[];
  readonly inFlight: { readonly small: number; readonly big: number; readonly mixed: number };
  /** What a fresh process is loaded for before anything counts: until then its compilers take a share. */
  readonly firstMs: number;
  readonly warmUpMs: number;
  readonly saturatedMs: number;
  readonly steadyMs: number;
  readonly steadyPerSecond: number;
  /** After connecting, until what it left behind is collected. */
  readonly settleMs: number;
  readonly idle: readonly RoomGroup[];
  readonly connects: { readonly people: number; readonly socketsEach: number };
  readonly savedRows: number;
  readonly history: { readonly rows: number; readonly manyRows: number; readonly ms: number };
  readonly returning: readonly RoomGroup[];
  readonly web: WebSizes;
  /** So few rooms that many messages are on their way in each where `inFlight.small` are. */
  readonly crowded: readonly RoomGroup[];
  /** How long a proxy is measured each time. */
  readonly proxyMs: number;
  readonly conversations: ConversationSizes;
}

export const fullSizes: Sizes = {
  small: [{ count: 1000, size: 5, share: 100 }],
  big: [{ count: 1, size: 2000, share: 100 }],
  mixed: [
    { count: 400, size: 5, share: 70 },
    { count: 40, size: 50, share: 25 },
    { count: 2, size: 500, share: 5 },
  ],
  inFlight: { small: 1000, big: 100, mixed: 500 },
  firstMs: 24_000,
  warmUpMs: 2000,
  saturatedMs: 5000,
  steadyMs: 6000,
  steadyPerSecond: 1000,
  settleMs: 6000,
  idle: [{ count: 2000, size: 5, share: 100 }],
  connects: { people: 100, socketsEach: 20 },
  savedRows: 100_000,
  history: { rows: 1_000_000, manyRows: 10_000_000, ms: 3000 },
  returning: [{ count: 1000, size: 5, share: 100 }],
  conversations: { people: 100_000, conversations: 1_000_000, membersEach: 5, queries: 1000 },
  crowded: [{ count: 100, size: 5, share: 100 }],
  proxyMs: 4000,
  web: { messages: 100_000, scrollMs: 8000, sends: 40 },
};

/** To see that everything works: its figures say little. */
export const quickSizes: Sizes = {
  small: [{ count: 50, size: 5, share: 100 }],
  big: [{ count: 1, size: 100, share: 100 }],
  mixed: [
    { count: 20, size: 5, share: 70 },
    { count: 4, size: 20, share: 25 },
    { count: 1, size: 50, share: 5 },
  ],
  inFlight: { small: 50, big: 50, mixed: 50 },
  firstMs: 500,
  warmUpMs: 500,
  saturatedMs: 1000,
  steadyMs: 1500,
  steadyPerSecond: 200,
  settleMs: 500,
  idle: [{ count: 100, size: 5, share: 100 }],
  connects: { people: 5, socketsEach: 20 },
  savedRows: 5000,
  history: { rows: 20_000, manyRows: 60_000, ms: 700 },
  returning: [{ count: 50, size: 5, share: 100 }],
  conversations: { people: 2000, conversations: 10_000, membersEach: 5, queries: 200 },
  crowded: [{ count: 10, size: 5, share: 100 }],
  proxyMs: 500,
  web: { messages: 5000, scrollMs: 2000, sends: 10 },
};
