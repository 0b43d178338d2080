import { ratioVerdict } from '../goals/verdicts.ts';
import type { LoadProcess } from '../load/load-process.ts';
import type { Sizes } from '../sizes.ts';
import { connectShape, measureFor, restAndJudge } from '../system/measure.ts';
import { rounded } from '../system/numbers.ts';
import { cpuBetween, cpuSeconds, sumOf } from '../system/process-cpu.ts';
import { Rounds, rotated } from '../system/rounds.ts';
import { makeShape, type RoomGroup, socketsOf } from '../system/shapes.ts';
import type { Verdict } from '../verdict.ts';
import type { Browsers, ProxyContestant } from './contestant.ts';

/** What a benchmark of proxies gets. */
export interface ProxyBench {
  readonly sizes: Sizes;
  readonly rounds: number;
  readonly load: LoadProcess;
  /** The product first. */
  readonly contestants: readonly ProxyContestant[];
  readonly browsers: Browsers;
  say(line: string): void;
}

interface Cost {
  /** CPU µs a request, or CPU s a million deliveries, over all processes. */
  readonly cost: number;
  readonly parts: Readonly<Record<string, number>>;
}

/** Of as many people. */
export const connections = 64;
const requestNote =
  'ChatApp: its BFF with Redis and issuer, each request with the session of one of 64 people, CSRF check, rate limit, token; ' +
  'the peers look at nothing. One worker each, 200 bytes from the same server, whose CPU is not counted';
const relayNote =
  'the rooms of G1 with one message on its way in each, and what the proxy itself takes: sockets that connect to the realtime service directly cost nothing here';

/** Everybody's turn in every round, after a first one that does not count. */
const inRounds = async (
  { contestants, rounds, say }: ProxyBench,
  name: string,
  unit: string,
  measure: (contestant: ProxyContestant, isFirst: boolean) => Promise<Cost>,
): Promise<Rounds<Cost>> => {
  const noted = new Rounds<Cost>();
  for (const contestant of contestants) await measure(contestant, true);
  for (let round = 0; round < rounds; round++) {
    for (const contestant of rotated(contestants, round)) {
      const cost = await measure(contestant, false);
      noted.note(contestant.name, cost);
      const parts = Object.entries(cost.parts).map(([part, value]) => `${part} ${value.toFixed(1)}`);
      say(`${name}, round ${round + 1}, ${contestant.name}: ${cost.cost.toFixed(1)} ${unit} (${parts.join(', ')})`);
    }
  }
  return noted;
};

const verdictsOf = (
  rounds: Rounds<Cost>,
  goal: string,
  {
    title,
    measure,
    note,
    atMost,
    atLeast,
  }: Record<'title' | 'measure' | 'note', string> & Record<'atMost' | 'atLeast', number>,
): Verdict[] => {
  const figures = rounds.figures(({ cost }) => cost);
  if (figures.medians.nginx === undefined) return [];
  const common = { measure, note, figures, parts: { ChatApp: rounds.of('ChatApp').at(-1)?.parts ?? {} } };
  return [
    ratioVerdict({
      ...{ ...common, goal, title: `${title}, against nginx`, unit: '× its cost', target: { atMost } },
      ...{ of: 'ChatApp', by: 'nginx' },
    }),
    ratioVerdict({
      ...{ ...common, goal: `${goal}-node`, title: `${title}, against http-proxy on Node`, unit: '× cheaper' },
      ...{ target: { atLeast }, of: 'Node http-proxy', by: 'ChatApp' },
    }),
  ];
};

/** G7: what a request through the proxy costs. */
export const measureRequests = async (bench: ProxyBench): Promise<Verdict[]> => {
  const { load, sizes, browsers } = bench;
  const rounds = await inRounds(bench, 'requests', 'CPU µs a request', async (contestant, isFirst) => {
    const [url = ''] = contestant.nodes;
    const headers = browsers.slice(0, connections);
    const ask = (ms: number) => load.ask('pages', { url, headers, paths: [contestant.path], connections, ms });
    await ask(isFirst ? sizes.firstMs : sizes.warmUpMs / 2);
    const before = cpuSeconds(contestant.processes());
    const { pages, failed, firstFailure } = await ask(sizes.proxyMs);
    const cpu = cpuBetween(before, cpuSeconds(contestant.processes()));
    if (failed > 0) throw new Error(`${contestant.name} failed ${failed} of ${pages}: ${firstFailure}`);
    const aRequest = (seconds: number) => (seconds * 1e6) / pages;
    return { cost: aRequest(sumOf(cpu)), parts: mapped(cpu, aRequest) };
  });
  return verdictsOf(rounds, 'G7', {
    ...{ title: 'a request through the proxy', measure: 'CPU µs / request', note: requestNote },
    ...{ atMost: 2.3, atLeast: 3.5 },
  });
};

/** G8: what relaying a delivery costs. */
export const measureRelays = async (bench: ProxyBench): Promise<Verdict[]> => {
  const rounds = await relaysOf(bench, 'relay', bench.sizes.small);
  // With a profiler the product is alone, and this is the load that it is asked about.
  const bursts = bench.contestants.length > 1 ? `. ${await measureBursts(bench)}` : '';
  return verdictsOf(rounds, 'G8', {
    ...{ title: 'a delivery through the relay', measure: 'CPU s / million deliveries' },
    ...{ note: `${relayNote}${bursts}`, atMost: 1.6, atLeast: 1 },
  });
};

/** A peer may pass on at once what came at once, whatever it is: what that gives nginx is told beside the goal. */
const measureBursts = async (bench: ProxyBench): Promise<string> => {
  const { crowded, inFlight } = bench.sizes;
  const contestants = bench.contestants.filter(({ name }) => name === 'ChatApp' || name === 'nginx');
  const rounds = await relaysOf({ ...bench, contestants }, 'relay in bursts', crowded);
  const { medians } = rounds.figures(({ cost }) => cost);
  const [ours = Number.NaN, nginx = Number.NaN] = [medians.ChatApp, medians.nginx];
  const roomCount = crowded.reduce((sum, { count }) => sum + count, 0);
  const load = `${rounded(inFlight.small / roomCount)} messages on their way in each of ${roomCount} rooms`;
  return `With ${load}: ${rounded(ours)} against ${rounded(nginx)}, ${rounded(ours / nginx)} times nginx`;
};

const relaysOf = (bench: ProxyBench, name: string, groups: readonly RoomGroup[]): Promise<Rounds<Cost>> => {
  const { load, sizes } = bench;
  const places = Array.from({ length: socketsOf(groups) }, (_, at) => at);
  const shape = makeShape({ name, groups, inFlight: sizes.inFlight.small, places });
  return inRounds(bench, name, 'CPU s/M', async (contestant, isFirst) => {
    await connectShape(load, shape, contestant);
    await load.ask('saturate', { rooms: shape.rooms, order: shape.order, inFlight: shape.inFlight });
    const times = { warmUpMs: isFirst ? sizes.firstMs : sizes.warmUpMs / 2, ms: sizes.proxyMs };
    const { cost, parts } = await measureFor(load, contestant, times);
    await restAndJudge(load, contestant);
    await load.ask('disconnect', {});
    return { cost, parts };
  });
};

const mapped = (parts: Readonly<Record<string, number>>, change: (value: number) => number): Record<string, number> =>
  Object.fromEntries(Object.entries(parts).map(([name, value]) => [name, change(value)]));
