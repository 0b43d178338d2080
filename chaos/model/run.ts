import { clientSteps } from './client-steps.ts';
import { nodeSteps } from './node-steps.ts';
import { asDesigned, emptyWorld, type Rules, type World } from './world.ts';
import { writerSteps } from './writer-steps.ts';

export interface Outcome {
  /** What was broken first; undefined where all was kept. */
  readonly broken: string | undefined;
  /** The steps that led there. */
  readonly trace: readonly string[];
  readonly world: World;
}

/** Runs one interleaving: each choice picks among the steps that are possible then; afterwards no more faults, until all is quiet. */
export const runInterleaving = (choices: readonly number[], rules: Rules = asDesigned): Outcome => {
  const trace: string[] = [];
  let world = emptyWorld;
  for (const choice of choices) {
    const steps = stepsOf(world, rules);
    const [name, step] = steps[choice % steps.length] ?? [];
    if (!name || !step) break;
    trace.push(name);
    world = step();
    const broken = brokenNow(world);
    if (broken) return { broken, trace, world };
  }
  return settle(world, rules, trace);
};

const stepsOf = (world: World, rules: Rules): [name: string, step: () => World][] => [
  ...world.writers.flatMap((_, at) => Object.entries(writerSteps(world, at, rules))),
  ...world.nodes.flatMap((_, at) => Object.entries(nodeSteps(world, at))),
  ...world.clients.flatMap((_, at) => Object.entries(clientSteps(world, at, rules))),
];

const isFault = (name: string): boolean => / (dies|takes over|is cut|loses)/.test(name);
const settleStepsMax = 2000;

/** Takes the first step that is no fault, and asks again only when nothing else is left, as a timer would. */
const settle = (from: World, rules: Rules, trace: string[]): Outcome => {
  let world = from;
  for (let count = 0; count < settleStepsMax; count++) {
    const steps = stepsOf(world, rules).filter(([name]) => !isFault(name));
    const [name, step] = steps.find(([each]) => !each.endsWith('sends again')) ?? steps[0] ?? [];
    if (!name || !step) return { broken: brokenNow(world) ?? brokenAtRest(world), trace, world };
    trace.push(name);
    world = step();
    const broken = brokenNow(world);
    if (broken) return { broken, trace, world };
  }
  return { broken: 'it never comes to rest', trace, world };
};

/** What may not be broken at any moment. */
const brokenNow = ({ rows, clients }: World): string | undefined => {
  const ids = rows.map(({ clientId }) => clientId);
  if (new Set(ids).size < ids.length) return 'a message is saved twice';
  for (const sender of clients.keys()) {
    const own = rows.filter((row) => row.sender === sender).map(({ clientId }) => clientId);
    if (own.join() !== [...own].sort().join()) return 'the messages of one sender are out of order';
  }
  for (const { acked, timeline } of clients) {
    if (acked.some((id) => !ids.includes(id))) return 'acknowledged, but not saved';
    if (timeline.some(({ rev, clientId }) => ids[rev - 1] !== clientId)) return 'shown, but not what is saved there';
  }
  return undefined;
};

const brokenAtRest = ({ rows, clients, stream }: World): string | undefined => {
  if (stream.length > 0) return 'a command is left in the stream';
  if (clients.some(({ waitsFor }) => waitsFor !== undefined)) return 'a sender waits forever';
  if (clients.some(({ timeline }) => timeline.length < rows.length)) return 'a client has a hole and does not know it';
  return undefined;
};
