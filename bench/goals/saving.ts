import { join } from 'node:path';
import type { CommandOf } from '@chatapp/contract/commands';
import { bigint, boolean, jsonb, pgSchema, text, timestamp, uuid } from 'drizzle-orm/pg-core';
import { drizzle } from 'drizzle-orm/postgres-js';
import postgres from 'postgres';
import { KnownHeads } from '../../apps/messages/src/commands/known-heads.ts';
import { createQuickSave } from '../../apps/messages/src/commands/quick-save.ts';
import { createSaveBatch } from '../../apps/messages/src/commands/save-batch.ts';
import { temporaryFolder } from '../../dev/testing/temporary.ts';
import type { Benchmark } from '../bench.ts';
import { profiled } from '../system/profiled.ts';
import { Rounds, rotated } from '../system/rounds.ts';
import { countRows, emptyTables, makeTableLikeMessages, messagesDatabase } from './message-rows-store.ts';
import { ratioVerdict, skippedVerdict } from './verdicts.ts';

const conversations = 100;
const batchRows = 1000;
const title = 'saving, rows a second, duplicates refused';
const body = 'The quick brown fox jumps over the lazy dog. '.repeat(5).slice(0, 200);

/** Sends of many people into a hundred conversations. */
const makeSends = (rows: number): CommandOf<'send'>[] => {
  const ids = Array.from({ length: conversations }, () => crypto.randomUUID());
  const actors = Array.from({ length: conversations * 5 }, () => crypto.randomUUID());
  return Array.from({ length: rows }, (_, at) => ({
    ...{ op: 'send' as const, conversationId: ids[at % ids.length] ?? '', actorId: actors[at % actors.length] ?? '' },
    ...{ clientId: crypto.randomUUID(), at: Date.now(), role: 'member' as const, version: 1, origin: null },
    ...{ body, replyTo: null },
  }));
};

const chunks = <T>(items: readonly T[]): T[][] =>
  Array.from({ length: Math.ceil(items.length / batchRows) }, (_, at) =>
    items.slice(at * batchRows, (at + 1) * batchRows),
  );

/** The rows that a plain table would get of these sends. */
const rowsOf = (sends: readonly CommandOf<'send'>[]) =>
  sends.map(({ conversationId, actorId, clientId }, at) => {
    const seq = Math.floor(at / conversations) + 1;
    return {
      ...{ conversationId, seq, rev: seq, createdRev: seq, replyTo: null, id: Bun.randomUUIDv7(), senderId: actorId },
      ...{ clientId, createdAt: new Date().toISOString(), editedAt: null, deletedAt: null, changed: false },
      ...{ reacted: false, kind: 'text', body, system: null },
    };
  });

const drizzled = pgSchema('messages').table('drizzled', {
  conversationId: uuid('conversation_id').notNull(),
  seq: bigint({ mode: 'number' }).notNull(),
  rev: bigint({ mode: 'number' }).notNull(),
  createdRev: bigint('created_rev', { mode: 'number' }).notNull(),
  replyTo: bigint('reply_to', { mode: 'number' }),
  id: uuid().notNull(),
  senderId: uuid('sender_id').notNull(),
  clientId: uuid('client_id').notNull(),
  createdAt: timestamp('created_at', { withTimezone: true, mode: 'string' }).notNull(),
  editedAt: timestamp('edited_at', { withTimezone: true, mode: 'string' }),
  deletedAt: timestamp('deleted_at', { withTimezone: true, mode: 'string' }),
  changed: boolean().notNull(),
  reacted: boolean().notNull(),
  kind: text().notNull(),
  body: text().notNull(),
  system: jsonb(),
});

type Save = (sends: readonly CommandOf<'send'>[]) => Promise<void>;

/** The writer, batch after batch, as it takes them from the streams: of a conversation that it does not know yet it reads the head first. */
const saveAsProduct = async (url: string): Promise<Save> => {
  const sql = await messagesDatabase(url);
  const options = { sql, shards: 16, now: Date.now, newId: () => Bun.randomUUIDv7(), reach: () => undefined };
  return async (sends) => {
    const heads = new KnownHeads();
    const save = createQuickSave({ ...options, heads, save: createSaveBatch({ ...options, heads }) });
    for (const batch of chunks(sends)) await save(batch);
  };
};

const saveByDrizzle = (url: string): Save => {
  const database = drizzle(postgres(url, { max: 1 }));
  return async (sends) => {
    for (const rows of chunks(rowsOf(sends))) await database.insert(drizzled).values(rows).onConflictDoNothing();
  };
};

/** psql's own COPY from a file that is made before, into a table with the same key and indexes. */
const copyByPsql = (psql: string, ownerUrl: string, file: string): Save => {
  return async () => {
    const command = `\\copy messages.copied FROM '${file}'`;
    const child = Bun.spawn([psql, '-q', '-v', 'ON_ERROR_STOP=1', '-c', command, ownerUrl], { stderr: 'pipe' });
    const [exitCode, errors] = await Promise.all([child.exited, new Response(child.stderr).text()]);
    if (exitCode !== 0) throw new Error(`psql could not copy: ${errors}`);
  };
};

const writeCopyFile = async (file: string, sends: readonly CommandOf<'send'>[]): Promise<void> => {
  const lines = rowsOf(sends).map((row) =>
    Object.values(row)
      .map((value) => value ?? '\\N')
      .join('\t'),
  );
  await Bun.write(file, `${lines.join('\n')}\n`);
};

export const saving: Benchmark = {
  goals: ['G9'],
  async measure({ product, sizes, rounds: count, say, profileDir }) {
    const psql = Bun.which('psql');
    const { owner, messages: url } = await product.database('saving');
    const file = join(temporaryFolder('bench-copy'), 'rows');
    const writer = await saveAsProduct(url);
    if (profileDir !== undefined) {
      // The writer runs in this process, not in a service that has a profiler.
      await writer(makeSends(sizes.savedRows));
      const sends = makeSends(sizes.savedRows);
      await profiled(profileDir, 'writer', () => writer(sends));
      return [];
    }
    const contestants: { name: string; table: string; save: Save }[] = [
      { name: 'ChatApp', table: 'messages', save: writer },
      { name: 'drizzle batches', table: 'drizzled', save: saveByDrizzle(url) },
      ...(psql ? [{ name: 'psql COPY', table: 'copied', save: copyByPsql(psql, owner, file) }] : []),
    ];
    for (const table of ['drizzled', 'copied']) await makeTableLikeMessages(owner, table);
    const rounds = new Rounds<number>();
    // The round before the first one warms up and is not counted.
    for (let round = -1; round < count; round++) {
      for (const { name, table, save } of rotated(contestants, Math.max(0, round))) {
        await emptyTables(owner, ['messages', 'drizzled', 'copied', 'heads', 'read_markers', 'applied']);
        const sends = makeSends(sizes.savedRows);
        if (table === 'copied') await writeCopyFile(file, sends);
        const startedAt = performance.now();
        await save(sends);
        const perSecond = sends.length / ((performance.now() - startedAt) / 1000);
        const saved = await countRows(owner, table);
        if (saved !== sends.length) throw new Error(`${name} saved ${saved} of ${sends.length} rows`);
        if (round < 0) continue;
        rounds.note(name, perSecond);
        say(`saving, round ${round + 1}, ${name}: ${Math.round(perSecond)} rows a second`);
      }
    }
    const common = { figures: rounds.figures((one) => one), measure: 'rows / s', of: 'ChatApp', title };
    const copy = { goal: 'G9', title: `${title}, against psql COPY`, unit: '× its rate', target: { atLeast: 0.4 } };
    return [
      psql ? ratioVerdict({ ...common, ...copy, by: 'psql COPY' }) : skippedVerdict(copy, 'psql is not on PATH'),
      ratioVerdict({
        ...{ ...common, goal: 'G9-drizzle', title: `${title}, against batches by drizzle`, unit: '× its rate' },
        ...{ target: { atLeast: 2.5 }, by: 'drizzle batches' },
      }),
    ];
  },
};
