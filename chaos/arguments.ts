import { parseArgs } from 'node:util';
import { withUsage } from '../dev/usage.ts';

export interface ChaosArguments {
  /** Ids of faults; all of them unless said. */
  readonly faults: readonly string[] | undefined;
  readonly seed: number;
  readonly isShort: boolean;
  readonly clients: number | undefined;
  readonly conversations: number | undefined;
  readonly messagesPerSecond: number | undefined;
  /** A folder that takes the history of the last run, and the rows. */
  readonly recordTo: string | undefined;
}

const usage =
  'bun run chaos [--fault F1,F3] [--seed 7] [--short] [--clients 200] [--conversations 40] [--rate 300] [--record folder]';

/** Reads `--fault F1,F3 --seed 7 --short --clients 200 --conversations 40 --rate 300 --record folder`. Throws what to say to whoever typed it. */
export const readArguments = (args: readonly string[], randomSeed: () => number): ChaosArguments => {
  const { values } = withUsage(usage, () =>
    parseArgs({
      args: [...args],
      options: {
        fault: { type: 'string' },
        seed: { type: 'string' },
        short: { type: 'boolean', default: false },
        clients: { type: 'string' },
        conversations: { type: 'string' },
        rate: { type: 'string' },
        record: { type: 'string' },
      },
    }),
  );
  return {
    faults: values.fault?.split(',').map((id) => id.trim().toUpperCase()),
    seed: wholeNumber('--seed', values.seed) ?? randomSeed(),
    isShort: values.short,
    clients: wholeNumber('--clients', values.clients),
    conversations: wholeNumber('--conversations', values.conversations),
    messagesPerSecond: wholeNumber('--rate', values.rate),
    recordTo: values.record,
  };
};

const wholeNumber = (name: string, text: string | undefined): number | undefined => {
  if (text === undefined) return undefined;
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new Error(`${name} takes a whole number from 1 on, not "${text}".`);
  return Number(text);
};
