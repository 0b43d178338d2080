import { join } from 'node:path';
import type { Bench, Benchmark } from '../bench.ts';
import { inParallel } from '../load/parallel.ts';
import type { LoadAnswers } from '../load/plan.ts';
import { connectShape } from '../system/measure.ts';
import { Rounds } from '../system/rounds.ts';
import type { Shape } from '../system/shapes.ts';
import { seededShape } from './fan-out.ts';
import { StatementLog } from './statement-log-store.ts';
import { valueVerdict } from './verdicts.ts';

/** Said while everybody is away, each into a room of its own, and once more while everybody is there. */
const messagesMissed = 200;
/** What the services ask by themselves is counted for so long. */
const idleMs = 10_000;

interface Returned {
  /** From the loss until the last one had everything, ms. */
  readonly ms: number;
  readonly p50Ms: number;
  readonly queriesPerResume: number;
}

/** Messages over HTTP, which needs no realtime node; answers the head of each room that got one. */
const sayMessages = async ({ product }: Bench, shape: Shape, round: number): Promise<Record<string, number>> => {
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

/** Counts the statements of all services that works cause, those of idle times left out. */
class QueryCount {
  readonly #log: StatementLog;
  #idlePerMs = 0;

  constructor({ databaseUrl, logsDir }: { readonly databaseUrl: string; readonly logsDir: string }) {
    this.#log = new StatementLog(databaseUrl, join(logsDir, 'postgres.log'));
  }

  async begin(): Promise<void> {
    await this.#log.begin();
    await Bun.sleep(idleMs);
    this.#idlePerMs = (await this.#log.count()) / idleMs;
  }

  async of(work: () => Promise<unknown>): Promise<number> {
    await this.#log.count();
    const startedAt = performance.now();
    await work();
    // What a work leaves behind is its own.
    await Bun.sleep(1000);
    return (await this.#log.count()) - this.#idlePerMs * (performance.now() - startedAt);
  }

  end(): Promise<void> {
    return this.#log.end();
  }
}

/** Makes everybody lose their connection, and waits until the last one is back and has what was said meanwhile. */
const comeBack = async (bench: Bench, shape: Shape, round: number, lose: () => Promise<unknown>) => {
  const lostAt = performance.now();
  await lose();
  const heads = await sayMessages(bench, shape, round);
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
    const queries = new QueryCount(product);
    await queries.begin();
    for (let round = 0; round < bench.rounds; round++) {
      // The same messages while everybody is there: what is left of the second count is the way back.
      const ofMessages = await queries.of(() => sayMessages(bench, shape, round));
      let back: LoadAnswers['return'] = { ms: 0, attempts: 0, retries: 0, p50Ms: 0, p99Ms: 0 };
      const count = await queries.of(async () => {
        back = await comeBack(bench, shape, round + 1, () => load.ask('drop', {}));
      });
      if (ofMessages < 1) throw new Error('PostgreSQL tells of no statement');
      // Batches are not alike to the last one: where resumes ask nothing, the second count may be the smaller one.
      const queriesPerResume = Math.max(0, count - ofMessages) / shape.roomOf.length;
      rounds.note(product.name, { ...back, queriesPerResume });
      say(
        `return, round ${round + 1}: ${lineOf(back)}, ${Math.round(ofMessages)} statements for the messages, ${Math.round(count)} with the way back`,
      );
    }
    await queries.end();
    const killed = await comeBack(bench, shape, 0, async () => {
      for (const name of nodes) process.kill(product.pid(name), 'SIGKILL');
    });
    say(`return, nodes killed: ${lineOf(killed)}`);
    await load.ask('disconnect', {});
    const note =
      `${shape.roomOf.length} sockets cut at once, ${messagesMissed} messages said while they were away, back at the nodes ` +
      "by access tokens, without a browser's ticket from the BFF; " +
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
