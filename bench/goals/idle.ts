import { join } from 'node:path';
import { type Bench, type Benchmark, contestantsOf } from '../bench.ts';
import { memoryOfOne } from '../product/memory-note.ts';
import { type Contestant, nodePids } from '../system/contestant.ts';
import { connectShape } from '../system/measure.ts';
import { residentKb } from '../system/process-cpu.ts';
import { Rounds, rotated } from '../system/rounds.ts';
import { makeShape, type Shape, seedOf, socketsOf } from '../system/shapes.ts';
import { ratioVerdict, valueVerdict } from './verdicts.ts';

const memoryOf = (contestant: Contestant): number =>
  nodePids(contestant).reduce((sum, pid) => sum + residentKb(pid), 0);

/** Of fresh nodes, warmed up by a few connections: what each of many more adds to their memory. */
const kbPerSocket = async ({ load, sizes }: Bench, contestant: Contestant, warm: Shape, many: Shape) => {
  await contestant.restartNodes();
  await connectShape(load, warm, contestant);
  await load.ask('disconnect', {});
  await Bun.sleep(sizes.settleMs);
  const before = memoryOf(contestant);
  await connectShape(load, many, contestant);
  await Bun.sleep(sizes.settleMs);
  const grown = memoryOf(contestant) - before;
  await load.ask('disconnect', {});
  return grown / many.roomOf.length;
};

/** What the memory of the nodes holds of a socket, in place of how much it is: asked for, it is collected first. */
const profileMemory = async ({ load, product, sizes }: Bench, folder: string, warm: Shape, many: Shape) => {
  await connectShape(load, warm, product);
  await load.ask('disconnect', {});
  await Bun.sleep(sizes.settleMs);
  const before = await product.nodeMemory();
  await connectShape(load, many, product);
  await Bun.sleep(sizes.settleMs);
  const after = await product.nodeMemory();
  await load.ask('disconnect', {});
  await Bun.write(join(folder, 'memory.json'), JSON.stringify(memoryOfOne(before, after, many.roomOf.length)));
};

export const idleSockets: Benchmark = {
  goals: ['G5'],
  profiles: 'memory',
  async measure(bench) {
    const { product, sizes } = bench;
    const shapeOf = async (groups: Bench['sizes']['idle']) => {
      const places = product.places(socketsOf(groups));
      const shape = makeShape({ name: 'idle', groups, inFlight: 0, places });
      await product.seed(seedOf(shape));
      return shape;
    };
    const warm = await shapeOf(sizes.idle.map((group) => ({ ...group, count: Math.ceil(group.count / 20) })));
    const many = await shapeOf(sizes.idle);
    if (bench.profileDir !== undefined) {
      await profileMemory(bench, bench.profileDir, warm, many);
      return [];
    }
    const rounds = new Rounds<number>();
    const contestants = await contestantsOf(bench, 'Socket.IO');
    for (let round = 0; round < bench.rounds; round++) {
      for (const contestant of rotated(contestants, round)) {
        const kb = await kbPerSocket(bench, contestant, warm, many);
        rounds.note(contestant.name, kb);
        bench.say(`idle, round ${round + 1}, ${contestant.name}: ${kb.toFixed(1)} KB a socket`);
      }
    }
    const figures = rounds.figures((kb) => kb);
    const common = { measure: 'KB resident / idle socket', figures };
    const note = `${many.roomOf.length} sockets of as many people over ${product.nodes.length} nodes`;
    return [
      valueVerdict({
        ...{ ...common, goal: 'G5', title: 'memory of an idle authenticated socket', unit: 'KB', note },
        ...{ target: { atMost: 6 }, of: 'ChatApp' },
      }),
      ratioVerdict({
        ...{ ...common, goal: 'G5-ratio', title: 'the same against Socket.IO', unit: '× less', note },
        ...{ target: { atLeast: 3 }, of: 'Socket.IO', by: 'ChatApp' },
      }),
    ];
  },
};
