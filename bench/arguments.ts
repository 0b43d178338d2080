import { parseArgs } from 'node:util';
import { StartError } from '../dev/start-error.ts';
import { withUsage } from '../dev/usage.ts';

const suiteNames = ['messages', 'proxy', 'web', 'conversations'] as const;
export type SuiteName = (typeof suiteNames)[number];

export interface BenchArguments {
  readonly name: SuiteName;
  /** Goals; all of them unless said. */
  readonly goals: readonly string[] | undefined;
  readonly rounds: number;
  readonly isQuick: boolean;
  readonly isJson: boolean;
  /** Write CPU profiles of the services and say what they spent their time on. */
  readonly isProfiled: boolean;
}

const usage =
  'bun run bench [messages|proxy|web|conversations] [--goals G1,G9] [--rounds 3] [--quick] [--json] [--profile]';

/** Reads `messages --goals G1,G2 --rounds 5 --quick --json --profile`. Throws what to say to whoever typed it. */
export const readArguments = (args: readonly string[]): BenchArguments => withUsage(usage, () => read(args));

const read = (args: readonly string[]): BenchArguments => {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      goals: { type: 'string' },
      rounds: { type: 'string' },
      quick: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      profile: { type: 'boolean', default: false },
    },
  });
  const [given = 'messages', ...rest] = positionals;
  const name = suiteNames.find((one) => one === given);
  if (name === undefined || rest.length > 0)
    throw new Error(`There is no bench "${positionals.join(' ')}", only: ${suiteNames.join(', ')}.`);
  const rounds = values.rounds ?? (values.quick ? '1' : '3');
  if (!/^[1-9]\d?$/.test(rounds)) throw new Error(`--rounds takes a whole number from 1 to 99, not "${rounds}".`);
  return {
    name,
    goals: values.goals?.split(',').map((goal) => goal.trim().toUpperCase()),
    rounds: Number(rounds),
    isQuick: values.quick,
    isJson: values.json,
    isProfiled: values.profile,
  };
};

/** Refuses goals that the bench does not have. */
export const requireGoals = ({ name, goals = [] }: BenchArguments, known: readonly string[]): void => {
  const unknown = goals.filter((goal) => !known.includes(goal));
  if (unknown.length === 0) return;
  throw new StartError(`The bench "${name}" has no goal ${unknown.join(', ')}.`, `It has: ${known.join(', ')}.`);
};
