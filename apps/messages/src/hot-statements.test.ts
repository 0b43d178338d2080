import { afterAll, beforeAll, describe, expect, it } from 'bun:test';
import postgres, { type Sql } from 'postgres';
import { decideBatch } from './commands/decide.ts';
import { Draft } from './commands/draft.ts';
import { lockHeads, readKnown } from './commands/known-store.ts';
import { purgeApplied } from './commands/purge-store.ts';
import { assumed } from './commands/quick-save.ts';
import { insertSends } from './commands/quick-store.ts';
import { writeDraft } from './commands/writes-store.ts';
import { readReactionsOf, readTextsOf } from './events/departure-store.ts';
import { noteOf } from './events/note.ts';
import { readOwnMarkers, readOwnMessages, readOwnReactions } from './export/export-store.ts';
import { type TestMessages, testMessages, testShards } from './testing/database.ts';
import { added, erased, gone, renamed } from './testing/events.ts';
import { ann, bob, edit, react, read, remove, send } from './testing/people.ts';
import { readChanges, readHeads, readPage } from './timeline/timeline-store.ts';
import { readReceipts, readUnread } from './unread/unread-store.ts';

/** Every plan that PostgreSQL logs through auto_explain while statements run, as the service prepares and binds them. */
let messages: TestMessages;
let explained: Sql;
let plans: string[];
let conversations: string[];

beforeAll(async () => {
  messages = await testMessages();
  conversations = Array.from({ length: 200 }, () => crypto.randomUUID());
  const [busy = ''] = conversations;
  const fill = (sql: Sql, ids: readonly string[], from: number, to: number) => sql`
    INSERT INTO messages
    SELECT c, n, n, n, NULL, gen_random_uuid(), ${ann}, gen_random_uuid(), now(), NULL, NULL, false, false, 'text', 'x', NULL
    FROM unnest(${[...ids]}::uuid[]) c, generate_series(${from}::bigint, ${to}::bigint) n`;
  // So many rows that a scan would be the dearer way: 90 000 messages, a third of them in one conversation.
  const { sql } = messages;
  await fill(sql, conversations, 1, 150);
  await fill(sql, [busy], 151, 30_000);
  await fill(
    sql,
    Array.from({ length: 30_000 }, () => crypto.randomUUID()),
    1,
    1,
  );
  await sql`INSERT INTO heads SELECT conversation_id, max(seq), max(rev) FROM messages GROUP BY 1`;
  await sql`INSERT INTO read_markers SELECT conversation_id, gen_random_uuid(), 1, false FROM heads`;
  await sql`INSERT INTO read_markers SELECT conversation_id, p, 1, false FROM heads, unnest(ARRAY[${ann}, ${bob}]::uuid[]) p LIMIT 400`;
  await sql`INSERT INTO reactions SELECT conversation_id, seq, '👍', ${bob}, rev, rev FROM messages WHERE seq BETWEEN 1 AND 50`;
  await sql`INSERT INTO mentions SELECT conversation_id, ${bob}, seq FROM messages WHERE seq BETWEEN 1 AND 50`;
  await sql`INSERT INTO losses SELECT conversation_id, gen_random_uuid(), 1 FROM heads`;
  await sql`INSERT INTO applied SELECT conversation_id, ${ann}, gen_random_uuid(), 1, NULL, 1, now() FROM heads`;
  const owner = postgres(messages.ownerUrl, { max: 1, onnotice: () => undefined });
  await owner`SET search_path = messages`;
  await owner`ANALYZE`;
  await owner.end();
  plans = [];
  explained = explainingConnection(messages.ownerUrl, (plan) => plans.push(plan));
  // postgres.js asks for the types first.
  await explained`SELECT 1`;
});
afterAll(async () => {
  await explained.end();
  await messages.close();
});

/** Of the superuser, who may load auto_explain; sequential scans are allowed, as they are not in the service: the plans must be good by themselves. */
const explainingConnection = (url: string, onPlan: (plan: string) => void): Sql => {
  const sql = postgres(url, {
    max: 1,
    onnotice: ({ message = '' }) => {
      if (message.includes('Query Text:')) onPlan(message);
    },
    connection: {
      search_path: 'messages',
      session_preload_libraries: 'auto_explain',
      'auto_explain.log_min_duration': '0',
      'auto_explain.log_level': 'notice',
      client_min_messages: 'notice',
      random_page_cost: '1.1',
    },
  });
  sql.options.parsers[20] = Number;
  sql.options.parsers[1184] = (text: string) => new Date(text).toISOString();
  return sql;
};

/** Runs statements often enough for the generic plans that a prepared statement ends up with, and answers their plans. */
const plansOf = async (run: (sql: Sql) => Promise<unknown>): Promise<string[]> => {
  plans.length = 0;
  for (let n = 0; n < 8; n++) await run(explained);
  expect(plans.length).toBeGreaterThanOrEqual(8);
  return [...plans];
};

/** A sort of a few rows that were given, or of one message's reactions, reads nothing; one of a table's rows does. */
const faultsOf = (list: readonly string[]): string[] =>
  list.filter(
    (plan) =>
      /Seq Scan on/.test(plan) ||
      /Sort\s/.test(plan.replaceAll(/Sort {2}\(.*\n\s*Sort Key: (k\.place|r\.emoji|r\.rev).*/g, '')),
  );

const some = (count: number) => conversations.slice(20, 20 + count);

describe('no hot statement scans a table or sorts its rows', () => {
  const first = () => conversations[50] ?? '';
  const busy = () => conversations[0] ?? '';

  it.each([
    ['the newest page', (sql: Sql) => readPage(sql, first(), { side: 'newest' }, 50)],
    ['the newest page of a busy conversation', (sql: Sql) => readPage(sql, busy(), { side: 'newest' }, 50)],
    ['a page before', (sql: Sql) => readPage(sql, busy(), { side: 'before', seq: 20_000 }, 50)],
    ['a page after', (sql: Sql) => readPage(sql, busy(), { side: 'after', seq: 10_000 }, 50)],
    ['a page around', (sql: Sql) => readPage(sql, busy(), { side: 'around', seq: 10_000 }, 50)],
    ['changes', (sql: Sql) => readChanges(sql, [{ id: busy(), after: 29_900 }])],
    ['changes after ten thousand', (sql: Sql) => readChanges(sql, [{ id: busy(), after: 20_000 }])],
    [
      'changes of many',
      (sql: Sql) =>
        readChanges(
          sql,
          some(100).map((id) => ({ id, after: 140 })),
        ),
    ],
    ['heads', (sql: Sql) => readHeads(sql, some(100))],
    ['unread', (sql: Sql) => readUnread(sql, bob, some(50))],
    ['receipts', (sql: Sql) => readReceipts(sql, first())],
    [
      'a page of my reactions',
      (sql: Sql) => readOwnReactions(sql, bob, { after: { conversationId: first(), seq: 7, emoji: '👍' }, limit: 501 }),
    ],
    ['a page of my markers', (sql: Sql) => readOwnMarkers(sql, bob, { after: first(), limit: 501 })],
    ['texts of a person who is gone', (sql: Sql) => readTextsOf(sql, ann, new Date(), 200)],
    ['reactions of a person who is gone', (sql: Sql) => readReactionsOf(sql, bob, new Date(), 200)],
  ])('%s', async (_name, run) => {
    expect(faultsOf(await plansOf(run))).toEqual([]);
  });

  it('a batch of every kind of command', async () => {
    const batch = () => [
      ...some(40).map((id) => send(id, { body: `<@${bob}>` })),
      ...some(20).flatMap((id) => [
        edit(id, 3),
        react(id, 4),
        react(id, 5, { actorId: bob, on: false }),
        remove(id, 6),
      ]),
      ...some(10).map((id) => read(id, { seq: 9 })),
    ];
    const found = await plansOf((sql) =>
      sql.begin(async (transaction) => {
        const tasks = batch();
        const heads = await lockHeads(transaction, tasks);
        const draft = new Draft(await readKnown(transaction, tasks, heads), new Date(), () => crypto.randomUUID());
        decideBatch(tasks, draft);
        await writeDraft(transaction, draft, testShards);
      }),
    );
    // The lock is taken in order of id: its sort of the batch's heads is wanted.
    expect(faultsOf(found.filter((plan) => !plan.includes('FOR UPDATE')))).toEqual([]);
    expect(found.filter((plan) => plan.includes('FOR UPDATE') && /Seq Scan on/.test(plan))).toEqual([]);
  });

  it('a batch of what bus events leave', async () => {
    const found = await plansOf((sql) =>
      sql.begin(async (transaction) => {
        const events = conversations
          .slice(100, 140)
          .flatMap((id) => [added(id), renamed(id, 'x'), gone(id, 'member.left', 9), erased(id, 10)]);
        const tasks = events.map(noteOf).filter((note) => note !== undefined);
        const heads = await lockHeads(transaction, tasks);
        const draft = new Draft(await readKnown(transaction, tasks, heads), new Date(), () => crypto.randomUUID());
        decideBatch(tasks, draft);
        await writeDraft(transaction, draft, testShards);
      }),
    );
    expect(faultsOf(found.filter((plan) => !plan.includes('FOR UPDATE')))).toEqual([]);
  });

  it('forgetting what was applied long ago', async () => {
    expect(faultsOf(await plansOf((sql) => purgeApplied(sql, 1, new Date(0))))).toEqual([]);
  });

  it('a batch of new sends whose heads are known', async () => {
    const found = await plansOf(async (sql) => {
      const tasks = some(40).map((id) => send(id, { body: `<@${bob}>` }));
      const heads = await readHeads(messages.sql, some(40));
      const known = new Map(heads.map(({ id, headSeq: seq, headRev: rev }) => [id, { seq, rev }]));
      const draft = new Draft(assumed(known), new Date(), () => crypto.randomUUID());
      decideBatch(tasks, draft);
      await insertSends(sql, draft, tasks);
    });
    expect(faultsOf(found)).toEqual([]);
  });

  it('a page of an export, whose order within a conversation is that of the index', async () => {
    const after = { conversationId: conversations.toSorted()[20] ?? '', clientId: crypto.randomUUID() };
    const found = await plansOf((sql) => readOwnMessages(sql, ann, { after, limit: 501 }));
    expect(faultsOf(found)).toEqual([]);
    const inOrder = /Nested Loop[\s\S]*using read_markers_by_user[\s\S]*Limit[\s\S]*using messages_by_client_id/;
    expect(found.filter((plan) => !inOrder.test(plan))).toEqual([]);
  });

  it('is judged by something that can fail', async () => {
    const found = await plansOf((sql) => sql`SELECT * FROM messages WHERE body = ${'y'} ORDER BY created_at`);
    expect(faultsOf(found).length).toBe(found.length);
  });
});
