import type { LoadProcess } from '../load/load-process.ts';
import type { Contestant } from './contestant.ts';
import { cpuBetween, cpuSeconds, sumOf } from './process-cpu.ts';
import { type Shape, socketPlans } from './shapes.ts';

export interface Measured {
  /** CPU seconds a million deliveries, over all processes. */
  readonly cost: number;
  /** The same, by process. */
  readonly parts: Readonly<Record<string, number>>;
  readonly deliveriesPerSecond: number;
  /** Cores that the generator used: near one it may be what limits. */
  readonly generatorCores: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

const connectWidth = 100;

/** Connects every socket of a shape. */
export const connectShape = async (load: LoadProcess, shape: Shape, contestant: Contestant): Promise<void> => {
  const sockets = await socketPlans(shape, contestant);
  await load.ask('connect', { dialect: contestant.dialect, sockets, width: connectWidth });
};

/** Counts deliveries and CPU for a while, after a time to warm up. */
export const measureFor = async (
  load: LoadProcess,
  contestant: Contestant,
  { warmUpMs, ms }: { readonly warmUpMs: number; readonly ms: number },
): Promise<Measured> => {
  await Bun.sleep(warmUpMs);
  await load.ask('mark', {});
  const [countsBefore, cpuBefore, startedAt] = [
    await load.ask('counts', {}),
    cpuSeconds(contestant.processes()),
    performance.now(),
  ];
  await Bun.sleep(ms);
  const counts = await load.ask('counts', {});
  const cpu = cpuBetween(cpuBefore, cpuSeconds(contestant.processes()));
  const seconds = (performance.now() - startedAt) / 1000;
  const deliveries = counts.deliveries - countsBefore.deliveries;
  if (deliveries === 0) throw new Error(`${contestant.name} delivered nothing`);
  const perMillion = (value: number) => (value * 1e6) / deliveries;
  return {
    cost: perMillion(sumOf(cpu)),
    parts: Object.fromEntries(Object.entries(cpu).map(([name, value]) => [name, perMillion(value)])),
    deliveriesPerSecond: deliveries / seconds,
    generatorCores: (counts.generatorCpu - countsBefore.generatorCpu) / seconds,
    ...{ p50Ms: counts.p50Ms, p99Ms: counts.p99Ms },
  };
};

/** Sends nothing more, and holds what came against what was sent: a server that drops or doubles messages is not measured. */
export const restAndJudge = async (load: LoadProcess, contestant: Contestant): Promise<void> => {
  const { deliveries, expected, refused, closed } = await load.ask('rest', {});
  const { name } = contestant;
  if (refused > 0) throw new Error(`${name} refused ${refused} messages`);
  if (closed > 0) throw new Error(`${name} closed ${closed} sockets`);
  if (deliveries !== expected) throw new Error(`${name} delivered ${deliveries} of ${expected}`);
};
