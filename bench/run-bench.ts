import { join } from 'node:path';
import { StartError } from '../dev/start-error.ts';
import { type BenchArguments, readArguments, requireGoals, type SuiteName } from './arguments.ts';
import { benchConversations, conversationGoals } from './conversations/conversations.ts';
import { benchMessages, benchmarks } from './messages.ts';
import { requirePrograms } from './needed-programs.ts';
import { profileBenchmarks } from './profile-benchmarks.ts';
import { benchProxy, proxyGoals } from './proxy/proxy.ts';
import { profilesFile, writePage } from './report/page.ts';
import { recordResults } from './report/results.ts';
import { fullSizes, quickSizes, type Sizes } from './sizes.ts';
import { rounded } from './system/numbers.ts';
import type { Verdict } from './verdict.ts';
import { benchWeb, webGoals } from './web/web.ts';

/** One of the things that can be measured by name. */
interface Suite {
  readonly goals: readonly string[];
  /** Gives verdicts as they come: a run that is cut off keeps what it had. */
  measure(): AsyncIterable<readonly Verdict[]>;
  /** Each with the goals that a profile of it explains. */
  readonly profiles: readonly { readonly goals: readonly string[]; run(profileDir: string): Promise<unknown> }[];
}

/** Measures what the arguments ask for; answers the exit code. */
export const runBench = async (args: readonly string[]): Promise<number> => {
  const given = readArguments(args);
  const { isQuick, isProfiled, isJson } = given;
  // With --json only the verdicts go to where a program reads.
  const say = (line: string) => (isJson ? console.error(line) : console.log(line));
  const suite = suites[given.name]({ ...given, sizes: isQuick ? quickSizes : fullSizes, say });
  requireGoals(given, suite.goals);
  await requirePrograms(given.name);
  if (isProfiled) {
    await profileBenchmarks({ runs: suite.profiles, say, file: isQuick ? undefined : profilesFile });
    return 0;
  }
  const verdicts: Verdict[] = [];
  for await (const found of suite.measure()) {
    for (const verdict of found) console.log(isJson ? JSON.stringify(verdict) : lineOf(verdict));
    if (!isQuick) await record(found);
    verdicts.push(...found);
  }
  const held = verdicts.filter(({ holds }) => holds).length;
  say(`${held} of ${verdicts.length} goals hold${isQuick ? '; at this size that says little' : ''}`);
  return held === verdicts.length ? 0 : 1;
};

/** Only what was measured. */
const record = async (found: readonly Verdict[]): Promise<void> => {
  const measured = found.filter(({ target }) => target !== '');
  if (measured.length === 0) return;
  await recordResults(measured, new Date());
  await writePage();
};

type SuiteOptions = Pick<BenchArguments, 'goals' | 'rounds'> & { readonly sizes: Sizes; say(line: string): void };

const suites: Record<SuiteName, (options: SuiteOptions) => Suite> = {
  messages(options) {
    const chosen = benchmarks.filter(({ goals }) => goals.some((goal) => isChosen(goal, options)));
    return {
      goals: benchmarks.flatMap(({ goals }) => goals),
      measure: () => benchMessages({ ...options, chosen }),
      profiles: chosen.map((one) => ({
        goals: one.goals,
        run: (profileDir) => Array.fromAsync(benchMessages({ ...options, chosen: [one], rounds: 1, profileDir })),
      })),
    };
  },
  proxy(options) {
    const chosen = proxyGoals.filter((goal) => isChosen(goal, options));
    return {
      goals: proxyGoals,
      async *measure() {
        yield await benchProxy({ ...options, goals: chosen });
      },
      profiles: chosen.map((goal) => ({
        goals: [goal],
        run: (profileDir) => benchProxy({ ...options, goals: [goal], rounds: 1, profileDir }),
      })),
    };
  },
  web(options) {
    const chosen = webGoals.filter((goal) => isChosen(goal, options));
    const run = () =>
      Promise.reject(new StartError('The web client runs in a browser.', 'Its developer tools make the profile.'));
    return {
      goals: webGoals,
      async *measure() {
        yield await benchWeb({ rounds: options.rounds, sizes: options.sizes.web, say: options.say });
      },
      profiles: chosen.map((goal) => ({ goals: [goal], run })),
    };
  },
  conversations(options) {
    const chosen = conversationGoals.filter((goal) => isChosen(goal, options));
    const folder = join(import.meta.dir, '../.data/bench-conversations');
    const run = () => Promise.reject(new StartError('Here the database works.', '--json shows the way that it takes.'));
    return {
      goals: conversationGoals,
      async *measure() {
        yield await benchConversations({ ...options, sizes: options.sizes.conversations, goals: chosen, folder });
      },
      profiles: chosen.map((goal) => ({ goals: [goal], run })),
    };
  },
};

const isChosen = (goal: string, { goals }: SuiteOptions): boolean => goals?.includes(goal) ?? true;

const lineOf = ({ goal, title, figure, unit, target, holds, skipped }: Verdict): string =>
  `${holds ? 'holds' : 'MISSED'}  ${goal}  ${figure === null ? skipped : `${rounded(figure)} ${unit}`} (${target})  ${title}`;
