import { type Bench, type Benchmark, contestantsOf, type PeerName } from '../bench.ts';
import type { Contestant } from '../system/contestant.ts';
import { onCoresApart } from '../system/cores.ts';
import { connectShape, type Measured, measureFor, restAndJudge } from '../system/measure.ts';
import { median } from '../system/numbers.ts';
import { Rounds, rotated } from '../system/rounds.ts';
import { makeShape, type RoomGroup, type Shape, seedOf, socketsOf } from '../system/shapes.ts';
import { ratioVerdict, valueVerdict } from './verdicts.ts';

/** A shape of rooms, whom the product meets in it, and whether a steady rate is measured too. */
interface Contest {
  readonly name: 'small' | 'big' | 'mixed';
  readonly peers: readonly PeerName[];
  readonly isSteady: boolean;
}

export interface ContestResult {
  readonly saturated: Rounds<Measured>;
  readonly steady: Rounds<Measured>;
}

/** A new shape of the product's people; every contestant gets the same. */
export const seededShape = async (
  { product }: Bench,
  name: string,
  groups: readonly RoomGroup[],
  inFlight: number,
): Promise<Shape> => {
  const shape = makeShape({ name, groups, inFlight, places: product.places(socketsOf(groups)) });
  await product.seed(seedOf(shape));
  return shape;
};

/** Loads a server that was started a moment ago, so that its code is compiled before anything counts. */
const warmUp = async ({ load, sizes }: Bench, contestant: Contestant, shape: Shape): Promise<void> => {
  await connectShape(load, shape, contestant);
  await load.ask('saturate', { rooms: shape.rooms, order: shape.order, inFlight: shape.inFlight });
  await Bun.sleep(sizes.firstMs);
  await load.ask('rest', {});
  await load.ask('disconnect', {});
};

/** Connects, saturates and disconnects one contestant; first a steady rate where that is asked. */
const runOnce = async (bench: Bench, contestant: Contestant, shape: Shape, isSteady: boolean) => {
  const { load, sizes } = bench;
  const { warmUpMs } = sizes;
  await connectShape(load, shape, contestant);
  const steady = isSteady ? await runSteady(bench, contestant, shape) : undefined;
  await load.ask('saturate', { rooms: shape.rooms, order: shape.order, inFlight: shape.inFlight });
  const saturated = await measureFor(load, contestant, { warmUpMs, ms: sizes.saturatedMs });
  await restAndJudge(load, contestant);
  await load.ask('disconnect', {});
  return { steady, saturated };
};

const runSteady = async ({ load, sizes }: Bench, contestant: Contestant, { rooms }: Shape): Promise<Measured> => {
  await load.ask('steady', { rooms, perSecond: sizes.steadyPerSecond });
  const measured = await measureFor(load, contestant, { warmUpMs: sizes.warmUpMs, ms: sizes.steadyMs });
  await restAndJudge(load, contestant);
  return measured;
};

const contest = async (bench: Bench, { name, peers, isSteady }: Contest): Promise<ContestResult> => {
  const { sizes } = bench;
  const shape = await seededShape(bench, name, sizes[name], sizes.inFlight[name]);
  const contestants = await contestantsOf(bench, ...peers);
  const result: ContestResult = { saturated: new Rounds(), steady: new Rounds() };
  const servers = () => contestants.flatMap((one) => [...one.processes().values()].flat());
  await onCoresApart({ generator: bench.load.pid, servers, say: bench.say }, async () => {
    for (const contestant of contestants) await warmUp(bench, contestant, shape);
    for (let round = 0; round < bench.rounds; round++) {
      for (const contestant of rotated(contestants, round)) {
        const { steady, saturated } = await runOnce(bench, contestant, shape, isSteady);
        result.saturated.note(contestant.name, saturated);
        if (steady) result.steady.note(contestant.name, steady);
        bench.say(
          `${name}, round ${round + 1}, ${contestant.name}: ${lineOf(saturated)}${steady ? `; steady ${lineOf(steady)}` : ''}`,
        );
      }
    }
  });
  return result;
};

/** The processes that cost most. */
const dearest = ({ parts }: Measured): string =>
  Object.entries(parts)
    .sort(([, one], [, other]) => other - one)
    .slice(0, 5)
    .map(([name, value]) => `${name} ${value.toFixed(1)}`)
    .join(', ');

const lineOf = (measured: Measured): string => {
  const { cost, deliveriesPerSecond, generatorCores, p50Ms, p99Ms } = measured;
  return [
    `${cost.toFixed(1)} CPU s/M (${dearest(measured)}) at ${Math.round(deliveriesPerSecond)} deliveries/s`,
    Number.isNaN(p50Ms) ? '' : `, p50 ${p50Ms.toFixed(1)} ms, p99 ${p99Ms.toFixed(1)} ms`,
    `, generator ${generatorCores.toFixed(2)} cores`,
  ].join('');
};

const measure = 'CPU s / million deliveries';

/** The medians of each process's share. */
const partsOf = (rounds: Rounds<Measured>): Record<string, Record<string, number>> =>
  Object.fromEntries(
    Object.keys(rounds.figures(({ cost }) => cost).medians).map((name) => {
      const all = rounds.of(name).map(({ parts }) => parts);
      const names = [...new Set(all.flatMap((parts) => Object.keys(parts)))];
      return [name, Object.fromEntries(names.map((part) => [part, median(all.map((parts) => parts[part] ?? 0))]))];
    }),
  );

/** How many times cheaper a delivery is than at a peer. */
const cheaper = (rounds: Rounds<Measured>, peer: PeerName, goal: string, title: string, atLeast: number) =>
  ratioVerdict({
    ...{ goal, title, measure, unit: '× cheaper', target: { atLeast } },
    figures: rounds.figures(({ cost }) => cost),
    ...{ of: peer, by: 'ChatApp', parts: partsOf(rounds) },
  });

const dearer = (rounds: Rounds<Measured>, peer: PeerName, goal: string, title: string, atMost: number) =>
  ratioVerdict({
    ...{ goal, title, measure, unit: '× its cost', target: { atMost } },
    figures: rounds.figures(({ cost }) => cost),
    ...{ of: 'ChatApp', by: peer, parts: partsOf(rounds) },
  });

export const smallRooms: Benchmark = {
  goals: ['G1', 'G4'],
  async measure(bench) {
    const peers: PeerName[] = ['Socket.IO', 'Socket.IO + INSERT', 'ws bridge'];
    const { saturated, steady } = await contest(bench, { name: 'small', peers, isSteady: true });
    const latency = (goal: string, title: string, pick: (one: Measured) => number, atMost: number) =>
      valueVerdict({
        goal,
        title,
        measure: 'ms',
        unit: 'ms',
        target: { atMost },
        of: 'ChatApp',
        figures: steady.figures(pick),
      });
    return [
      cheaper(saturated, 'Socket.IO', 'G1', 'many small rooms, saturated, against Socket.IO that saves nothing', 3),
      cheaper(
        saturated,
        'Socket.IO + INSERT',
        'G1-insert',
        'the same against Socket.IO with an INSERT before each emit',
        4.5,
      ),
      dearer(steady, 'Socket.IO', 'G4', 'a steady rate in small rooms, CPU against Socket.IO that saves nothing', 1),
      dearer(
        steady,
        'Socket.IO + INSERT',
        'G4-insert',
        'the same against Socket.IO with an INSERT before each emit',
        0.7,
      ),
      latency('G4-p50', 'send to seen at the steady rate, median', ({ p50Ms }) => p50Ms, 5),
      latency('G4-p99', 'send to seen at the steady rate, 99 of 100', ({ p99Ms }) => p99Ms, 15),
    ];
  },
};

export const bigRoom: Benchmark = {
  goals: ['G2'],
  async measure(bench) {
    const { saturated } = await contest(bench, { name: 'big', peers: ['Socket.IO', 'ws bridge'], isSteady: false });
    return [cheaper(saturated, 'Socket.IO', 'G2', 'one big room, saturated, against Socket.IO', 10)];
  },
};

export const mixedRooms: Benchmark = {
  goals: ['G3'],
  async measure(bench) {
    const { saturated } = await contest(bench, { name: 'mixed', peers: ['Socket.IO', 'ws bridge'], isSteady: false });
    return [cheaper(saturated, 'Socket.IO', 'G3', 'rooms of all sizes, saturated, against Socket.IO', 3)];
  },
};
