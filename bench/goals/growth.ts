import type { Benchmark } from '../bench.ts';
import { connectShape, type Measured, measureFor, restAndJudge } from '../system/measure.ts';
import { Rounds, rotated } from '../system/rounds.ts';
import { seededShape } from './fan-out.ts';
import { ratioVerdict } from './verdicts.ts';

const counts = [1, 2, 4];
const nameOf = (count: number): string => (count === 1 ? '1 node' : `${count} nodes`);

/** The same load on more nodes: what it costs that every node hears everything. */
export const growth: Benchmark = {
  goals: ['G12'],
  async measure(bench) {
    const { load, product, sizes } = bench;
    const before = product.nodes.length;
    const shape = await seededShape(bench, 'growth', sizes.small, sizes.inFlight.small);
    const rounds = new Rounds<Measured>();
    for (let round = 0; round < bench.rounds; round++) {
      for (const count of rotated(counts, round)) {
        await product.setNodes(count);
        await connectShape(load, shape, product);
        await load.ask('saturate', { rooms: shape.rooms, order: shape.order, inFlight: shape.inFlight });
        const measured = await measureFor(load, product, { warmUpMs: sizes.firstMs, ms: sizes.saturatedMs });
        await restAndJudge(load, product);
        await load.ask('disconnect', {});
        rounds.note(nameOf(count), measured);
        bench.say(
          `growth, round ${round + 1}, ${nameOf(count)}: ${measured.cost.toFixed(1)} CPU s/M at ${Math.round(measured.deliveriesPerSecond)}/s`,
        );
      }
    }
    await product.setNodes(before);
    const figures = rounds.figures(({ cost }) => cost);
    return [2, 4].map((count) =>
      ratioVerdict({
        ...{
          goal: count === 2 ? 'G12' : `G12-${count}`,
          title: `a delivery at ${count} nodes against one, small rooms`,
        },
        ...{ measure: 'CPU s / million deliveries', unit: '× the cost', target: { atMost: 1.15 }, figures },
        ...{ of: nameOf(count), by: nameOf(1) },
        parts: Object.fromEntries(counts.map((one) => [nameOf(one), rounds.of(nameOf(one)).at(-1)?.parts ?? {}])),
      }),
    );
  },
};
