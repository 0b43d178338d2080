import type { Bench, Benchmark } from '../bench.ts';
import { inParallel } from '../load/parallel.ts';
import type { LoadAnswers } from '../load/plan.ts';
import { connectShape } from '../system/measure.ts';
import { Rounds } from '../system/rounds.ts';
import type { Shape } from '../system/shapes.ts';
import { transactions } from './database-activity-store.ts';
import { seededShape } from './fan-out.ts';
import { valueVerdict } from './verdicts.ts';

/** Said while everybody is away, each into a room of its own. */
const messagesMissed = 200;
/** PostgreSQL's backends tell what they did after at most ten seconds of rest. */
const toldWithinMs = 11_000;

interface Returned {
  /** From the loss until the last one had everything, ms. */
  readonly ms: number;
  readonly p50Ms: number;
  readonly queriesPerResume: number;
}

/** Messages over HTTP, which needs no realtime node; answers the head of each room that got one. */
const sayWhileAway = async ({ product }: Bench, shape: Shape, round: number): Promise<Record<string, number>> => {
  const rooms = shape.rooms.slice(0, messagesMissed);
  const heads = await inParallel(rooms, 16, async ({ id, members: [first = 0] }) => {
    const response = await fetch(`${product.messagesUrl}/conversations/${id}/messages`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${await product.tokenOf(shape.places[first] ?? 0)}`,
        'content-type': 'application/json',
      },
      body: JSON.stringify({ clientId: crypto.randomUUID(), body: `missed in round ${round}` }),
    });
    const { rev } = (await response.json()) as { rev: number };
    if (response.status !== 201) throw new Error(`a message over HTTP was answered with ${response.status}`);
    return [id, rev] as const;
  });
  return Object.fromEntries(heads);
};

/** Counts the transactions of all services that works cause, those of idle times left out. */
class QueryCount {
  #idlePerMs = 0;
  #last = { count: 0, at: 0 };

  constructor(readonly databaseUrl: string) {}

  async begin(): Promise<void> {
    await this.#read();
    const from = this.#last;
    await this.#read();
    this.#idlePerMs = (this.#last.count - from.count) / (this.#last.at - from.at);
  }

  async of(work: () => Promise<unknown>): Promise<number> {
    const from = this.#last;
    await work();
    await this.#read();
    return this.#last.count - from.count - this.#idlePerMs * (this.#last.at - from.at);
  }

  async #read(): Promise<void> {
    await Bun.sleep(toldWithinMs);
    this.#last = { count: await transactions(this.databaseUrl), at: performance.now() };
  }
}

/** Makes everybody lose their connection, and waits until the last one is back and has what was said meanwhile. */
const comeBack = async (bench: Bench, shape: Shape, round: number, lose: () => Promise<unknown>) => {
  const lostAt = performance.now();
  await lose();
  const heads = await sayWhileAway(bench, shape, round);
  const answer = await bench.load.ask('return', { heads });
  return { ...answer, ms: performance.now() - lostAt };
};

const lineOf = ({ ms, p50Ms, attempts, retries }: LoadAnswers['return']): string =>
  `all back after ${(ms / 1000).toFixed(1)} s, half after ${(p50Ms / 1000).toFixed(1)} s, ${attempts} attempts, ${retries} resumes put off`;

export const returning: Benchmark = {
  goals: ['G11'],
  async measure(bench) {
    const { load, product, sizes, say } = bench;
    const shape = await seededShape(bench, 'returning', sizes.returning, 0);
    const nodes = [...product.processes().keys()].filter((name) => name.startsWith('realtime'));
    const rounds = new Rounds<Returned>();
    await connectShape(load, shape, product);
    await load.ask('track', {});
    // Everybody has something.
    await load.ask('steady', { rooms: shape.rooms, perSecond: Math.min(500, shape.rooms.length) });
    await Bun.sleep(3000);
    await load.ask('rest', {});
    const queries = new QueryCount(product.databaseUrl);
    await queries.begin();
    const ofMessages = await queries.of(() => sayWhileAway(bench, shape, 0));
    for (let round = 0; round < bench.rounds; round++) {
      let back: LoadAnswers['return'] = { ms: 0, attempts: 0, retries: 0, p50Ms: 0, p99Ms: 0 };
      const count = await queries.of(async () => {
        back = await comeBack(bench, shape, round + 1, () => load.ask('drop', {}));
      });
      const queriesPerResume = (count - ofMessages) / shape.roomOf.length;
      rounds.note(product.name, { ...back, queriesPerResume });
      say(`return, round ${round + 1}: ${lineOf(back)}, ${queriesPerResume.toFixed(2)} queries a resume`);
    }
    const killed = await comeBack(bench, shape, 0, async () => {
      for (const name of nodes) process.kill(product.pid(name), 'SIGKILL');
    });
    say(`return, nodes killed: ${lineOf(killed)}`);
    await load.ask('disconnect', {});
    const note =
      `${shape.roomOf.length} sockets cut at once, ${messagesMissed} messages said while they were away; ` +
      `with both nodes killed by SIGKILL: ${(killed.ms / 1000).toFixed(1)} s`;
    return [
      valueVerdict({
        ...{
          goal: 'G11',
          title: 'sockets dropped at once: the last one back and caught up',
          measure: 's',
          unit: 's',
          note,
        },
        ...{ target: { atMost: 10 }, of: product.name, figures: rounds.figures(({ ms }) => ms / 1000) },
      }),
      valueVerdict({
        ...{
          goal: 'G11-queries',
          title: 'what that asks of the database',
          measure: 'queries / resume',
          unit: 'queries',
        },
        ...{ target: { atMost: 1 }, of: product.name, note },
        figures: rounds.figures(({ queriesPerResume }) => queriesPerResume),
      }),
    ];
  },
};
