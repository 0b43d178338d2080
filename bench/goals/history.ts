import { join } from 'node:path';
import postgres from 'postgres';
import { readPage } from '../../apps/messages/src/timeline/timeline-store.ts';
import { temporaryFolder } from '../../dev/testing/temporary.ts';
import type { Bench, Benchmark } from '../bench.ts';
import type { Product } from '../product/product.ts';
import { cpuBetween, cpuSeconds, type ProcessGroups, sumOf } from '../system/process-cpu.ts';
import { Rounds, rotated } from '../system/rounds.ts';
import { fillMessages, idExpression, idOf, messagesDatabase } from './message-rows-store.ts';
import { ratioVerdict, skippedVerdict } from './verdicts.ts';

const conversations = 1000;
const connections = 8;
const pageSize = 50;
const title = 'pages of fifty messages';

/** A service messages over a history of its own. */
interface History {
  readonly name: string;
  readonly process: string;
  readonly messagesEach: number;
  readonly ownerUrl: string;
  readonly url: string;
}

const startHistory = async ({ product, say }: Bench, rows: number, redisUrl: string): Promise<History> => {
  const messagesEach = Math.max(pageSize * 2, Math.round(rows / conversations));
  const database = await product.database(`history_${rows}`);
  await (await messagesDatabase(database.messages)).end();
  const startedAt = performance.now();
  await fillMessages(database.owner, conversations, messagesEach);
  say(`history: ${rows} rows in ${((performance.now() - startedAt) / 1000).toFixed(0)} s`);
  const process = `messages-${rows}`;
  const url = await product.startMessages(process, { DATABASE_URL: database.messages, REDIS_URL: redisUrl });
  return { name: `${rows / 1e6} M rows`, process, messagesEach, ownerUrl: database.owner, url };
};

/** Somewhere in the middle of a conversation. */
const pathsOf = ({ messagesEach }: History): string[] =>
  Array.from({ length: 5000 }, () => {
    const conversation = 1 + Math.floor(Math.random() * conversations);
    const before = pageSize + 1 + Math.floor(Math.random() * (messagesEach - pageSize));
    return `/conversations/${idOf(conversation)}/messages?before=${before}&limit=${pageSize}`;
  });

interface Asked {
  readonly perSecond: number;
  /** CPU ms a page, of messages and the database. */
  readonly cpuMs: number;
}

/** What answers pages; the rest of the product idles meanwhile. */
const pick = (product: Product, ...names: string[]): ProcessGroups =>
  new Map([...product.processes()].filter(([name]) => names.includes(name)));

/** Warms it up, and longer when it is new, before anything counts. */
const askPages = async (
  { load, product, sizes }: Bench,
  { history, token, isFirst }: { readonly history: History; readonly token: string; readonly isFirst: boolean },
): Promise<Asked> => {
  const headers = [[`Authorization: Bearer ${token}`]];
  const ask = (ms: number) =>
    load.ask('pages', { url: history.url, headers, paths: pathsOf(history), connections, ms });
  await ask(isFirst ? sizes.firstMs : sizes.warmUpMs);
  const groups = pick(product, history.process, 'postgres');
  const before = cpuSeconds(groups);
  const { pages, failed, ms } = await ask(sizes.history.ms);
  const cpu = cpuBetween(before, cpuSeconds(groups));
  if (failed > 0) throw new Error(`${failed} of ${pages} pages were refused`);
  return { perSecond: (pages * 1000) / ms, cpuMs: (sumOf(cpu) * 1000) / pages };
};

/** The statement that the service asks with, taken from it, with pgbench's variables in place of the parameters. */
const pgbenchScript = async (url: string, messagesEach: number): Promise<string> => {
  let statement = '';
  let given: readonly unknown[] = [];
  const conversation = idOf(1);
  const sql = postgres(url, {
    max: 1,
    connection: { search_path: 'messages' },
    debug: (_connection, query, parameters) => {
      if (query.includes('FROM heads')) [statement, given] = [query, parameters];
    },
  });
  await readPage(sql, conversation, { side: 'before', seq: pageSize + 1 }, pageSize);
  await sql.end();
  const texts = given.map((value) => {
    if (value === conversation) return idExpression(':c::bigint');
    return Number(value) === pageSize + 1 ? ':s' : String(value);
  });
  const filled = statement.replace(/\$(\d+)/g, (_, place) => texts[Number(place) - 1] ?? '');
  return `\\set c random(1, ${conversations})\n\\set s random(${pageSize + 1}, ${messagesEach})\n${filled.replace(/\s+/g, ' ')};\n`;
};

/** Pages a second, over as many connections as the service is asked by. */
const runPgbench = async (
  { product }: Bench,
  { pgbench, ownerUrl, script, seconds }: { pgbench: string; ownerUrl: string; script: string; seconds: number },
): Promise<Asked> => {
  const before = cpuSeconds(pick(product, 'postgres'));
  const settings = 'search_path=messages enable_seqscan=off random_page_cost=1.1 jit=off'.split(' ');
  const args = ['-n', '-M', 'prepared', '-c', connections, '-j', 1, '-T', seconds, '-f', script, ownerUrl].map(String);
  const child = Bun.spawn([pgbench, ...args], {
    env: { ...process.env, PGOPTIONS: settings.map((one) => `-c ${one}`).join(' ') },
    stderr: 'pipe',
  });
  const [output, errors] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
  const perSecond = Number(/^tps = ([\d.]+)/m.exec(output)?.[1]);
  if (Number.isNaN(perSecond)) throw new Error(`pgbench said: ${output}${errors}`);
  const cpu = sumOf(cpuBetween(before, cpuSeconds(pick(product, 'postgres'))));
  return { perSecond, cpuMs: (cpu * 1000) / (perSecond * seconds) };
};

/** Debian keeps it out of PATH where several versions are installed. */
const findPgbench = (): string | null => Bun.which('pgbench') ?? Bun.which('/usr/lib/postgresql/15/bin/pgbench');

/** One source of pages; the same pages for all. */
interface Source {
  readonly name: string;
  ask(round: number): Promise<Asked>;
}

export const history: Benchmark = {
  goals: ['G10'],
  async measure(bench) {
    const { product, sizes, say } = bench;
    const pgbench = findPgbench();
    const [place = 0] = product.places(1);
    await product.seed(Array.from({ length: conversations }, (_, at) => ({ id: idOf(at + 1), places: [place] })));
    const token = await product.tokenOf(place);
    const redisUrl = await product.startRedis();
    const few = await startHistory(bench, sizes.history.rows, redisUrl);
    if (bench.profileDir !== undefined) {
      await askPages(bench, { history: few, token, isFirst: true });
      return [];
    }
    const many = await startHistory(bench, sizes.history.manyRows, redisUrl);
    const script = join(temporaryFolder('bench-pgbench'), 'page.sql');
    await Bun.write(script, await pgbenchScript(few.ownerUrl, few.messagesEach));
    const seconds = Math.max(1, Math.round(sizes.history.ms / 1000));
    const byPgbench: Source[] = pgbench
      ? [{ name: 'pgbench', ask: () => runPgbench(bench, { pgbench, ownerUrl: few.ownerUrl, script, seconds }) }]
      : [];
    const ofService = [few, many].map((one) => ({
      name: one.name,
      ask: (round: number) => askPages(bench, { history: one, token, isFirst: round === 0 }),
    }));
    const rounds = new Rounds<Asked>();
    for (let round = 0; round < bench.rounds; round++) {
      for (const { name, ask } of rotated<Source>([...ofService, ...byPgbench], round)) {
        const asked = await ask(round);
        rounds.note(name, asked);
        say(
          `history, round ${round + 1}, ${name}: ${Math.round(asked.perSecond)} pages/s, ${asked.cpuMs.toFixed(3)} CPU ms each`,
        );
      }
    }
    await product.stopParts(few.process, many.process, 'redis-beside');
    const rate = { goal: 'G10', title: `${title}, against pgbench`, unit: '× its rate', target: { atLeast: 0.55 } };
    const figures = rounds.figures(({ perSecond }) => perSecond);
    return [
      pgbench
        ? ratioVerdict({ ...rate, figures, measure: 'pages / s', of: few.name, by: 'pgbench' })
        : skippedVerdict(rate, 'pgbench is not on PATH'),
      ratioVerdict({
        ...{ goal: 'G10-rows', title: `${title} in ${many.name} against ${few.name}`, unit: '× the cost' },
        ...{ target: { atMost: 1.2 }, figures: rounds.figures(({ cpuMs }) => cpuMs), measure: 'CPU ms / page' },
        ...{ of: many.name, by: few.name },
      }),
    ];
  },
};
