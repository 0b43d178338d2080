import { afterAll, beforeAll, describe, expect, it } from 'bun:test';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { connectDatabase } from '@chatapp/service/database';
import { silentLog } from '@chatapp/service/log';
import { splitStatements } from '@chatapp/service/split-statements';
import { getTableConfig, type PgTable } from 'drizzle-orm/pg-core';
import type { Sql } from 'postgres';
import { type TestDatabase, testDatabase } from '../../../dev/testing/database.ts';
import { listActsOf, listAudit } from './audit/audit-store.ts';
import { isBanned, listBanViews } from './bans/ban-store.ts';
import { isBlocked, listBlockViews } from './blocks/block-store.ts';
import { readConversationAvatar } from './conversations/conversation-avatar-store.ts';
import { listAccesses, listSeats, readAccess, readSeat } from './conversations/conversation-store.ts';
import { listDeletedBefore } from './conversations/erasure-store.ts';
import { openDatabase, type Queryable } from './database.ts';
import { readUnsent } from './events/outbox-store.ts';
import { newInvitation } from './invitations/invitation.ts';
import { fillExpiryHours, hasRedeemed, listOver } from './invitations/invitation-store.ts';
import {
  countOpenLinks,
  findPending,
  lastDeclineOf,
  listInvitationsTo,
  listPendingOf,
  readInvitationByToken,
  sentSince,
} from './invitations/invitation-view-store.ts';
import { listJoinRequestViews } from './join-requests/join-request-store.ts';
import { listDueMails } from './mail/mail-store.ts';
import { findHeir, listMembershipsOf, listMemberViews, ownsWithOthers } from './members/member-store.ts';
import * as tables from './tables.ts';
import { readAvatar } from './users/avatar-store.ts';
import { listLeaving, searchByEmail, searchByName } from './users/user-store.ts';

const migrations = join(import.meta.dir, '../migrations');
const id = '00000000-0000-4000-8000-000000000000';

let database: TestDatabase;
let sql: Sql;
beforeAll(async () => {
  database = await testDatabase('conversations');
  sql = connectDatabase({
    url: database.url,
    poolMax: 1,
    log: silentLog(),
    name: 'test',
    settings: { enable_seqscan: 'off', enable_bitmapscan: 'off' },
  });
  await fill(sql);
}, 60_000);
afterAll(async () => {
  await sql.end({ timeout: 1 });
  await database.close();
});

/** Rows enough for the planner to see what an index is worth: over empty tables it takes any. */
const fill = async (sql: Sql): Promise<void> => {
  const uuid = (first: string) => `('${first}0000000-0000-4000-8000-' || lpad(to_hex(n), 12, '0'))::uuid`;
  await sql.unsafe(`INSERT INTO users (id, name, name_folded, email, email_folded, email_verified, created_at, updated_at)
    SELECT ${uuid('a')}, 'n', 'n', n || '@x', n || '@x', true, now(), now() FROM generate_series(1, 2000) n`);
  await sql.unsafe(`INSERT INTO conversations (id, kind, name, version, event_count, member_count, created_by, created_at, last_activity_at)
    SELECT ${uuid('c')}, 'group', 'n', 1, 1, 1, ${uuid('a')}, now(), now() FROM generate_series(1, 2000) n`);
  await sql.unsafe(`INSERT INTO members (conversation_id, user_id, role, joined_at)
    SELECT ${uuid('c')}, ('a0000000-0000-4000-8000-' || lpad(to_hex(1 + (n * 7 + m) % 2000), 12, '0'))::uuid, 'member', now()
    FROM generate_series(1, 2000) n, generate_series(1, 5) m`);
  for (const [index, state] of ['pending', 'declined', 'accepted', 'expired'].entries()) {
    await sql.unsafe(`INSERT INTO invitations (id, conversation_id, kind, state, role, inviter_id, invitee_id, email, email_folded,
        created_at, settled_at, expires_hour, uses)
      SELECT ${uuid(String(index))}, ${uuid('c')}, kind, '${state}', 'member', ${uuid('a')},
        CASE WHEN kind = 'person' THEN ${uuid('a')} END, CASE WHEN kind = 'email' THEN n || '@x' END,
        CASE WHEN kind = 'email' THEN n || '@x' END, now(), now(), n, 0
      FROM (SELECT n, (ARRAY['person', 'email', 'link'])[1 + n % 3] AS kind FROM generate_series(1, 2000) n) k`);
  }
  await sql.unsafe(
    `INSERT INTO invitation_tokens (hash, invitation_id) SELECT n, ${uuid('0')} FROM generate_series(1, 2000) n`,
  );
  await sql`ANALYZE`;
};

describe('tables.ts', () => {
  it.each(Object.entries(tables) as [string, PgTable][])('describes %s as the migrations made it', async (_, table) => {
    const { name, columns } = getTableConfig(table);
    const found = await sql<{ name: string; type: string; required: boolean }[]>`
      SELECT attname AS name, format_type(atttypid, atttypmod) AS type, attnotnull AS required
      FROM pg_attribute WHERE attrelid = ${name}::regclass AND attnum > 0 AND NOT attisdropped`;
    const wanted = columns.map((column) => ({
      name: column.name,
      type: column.getSQLType().replace('timestamp (3)', 'timestamp(3)'),
      required: column.notNull,
    }));
    const byName = (left: { name: string }, right: { name: string }) => left.name.localeCompare(right.name);
    expect([...wanted].sort(byName)).toEqual(found.map((row) => ({ ...row })).sort(byName));
  });

  it.each(Object.entries(tables) as [string, PgTable][])('knows the key and the defaults of %s', async (_, table) => {
    const { name, columns, primaryKeys } = getTableConfig(table);
    const key = await sql<{ name: string }[]>`
      SELECT attname AS name FROM pg_index JOIN pg_attribute ON attrelid = indrelid AND attnum = ANY(indkey)
      WHERE indrelid = ${name}::regclass AND indisprimary ORDER BY array_position(indkey::int2[], attnum)`;
    const inColumns = columns.filter(({ primary }) => primary);
    const wanted = [...inColumns, ...primaryKeys.flatMap((one) => one.columns)];
    expect(wanted.map((column) => column.name)).toEqual(key.map((row) => row.name));
    const defaults = await sql<{ name: string }[]>`
      SELECT attname AS name FROM pg_attribute WHERE attrelid = ${name}::regclass AND atthasdef AND attnum > 0 ORDER BY 1`;
    const withDefault = columns.filter(({ hasDefault }) => hasDefault).map((column) => column.name);
    expect(withDefault.sort()).toEqual(defaults.map((row) => row.name).sort());
  });

  it('leaves out no table that the migrations made', async () => {
    const found = await sql<
      { name: string }[]
    >`SELECT tablename AS name FROM pg_tables WHERE schemaname = 'conversations'`;
    const described = (Object.values(tables) as PgTable[]).map((table) => getTableConfig(table).name);
    const runners = ['migration_lease', 'schema_migrations'];
    expect(found.map((row) => row.name).sort()).toEqual([...described, ...runners].sort());
  });
});

describe('migrations', () => {
  it('can run twice: each statement makes what is missing, and a back-fill names what it has not done yet', async () => {
    for (const file of await readdir(migrations)) {
      for (const statement of splitStatements(await Bun.file(join(migrations, file)).text())) {
        expect(statement).toMatch(/^\s*UPDATE\b/.test(statement) ? /IS NULL/ : /IF NOT EXISTS/);
      }
    }
  });
});

const given = { id, conversationId: id, inviterId: id, at: new Date() };
const person = newInvitation({ userId: id }, { ...given, kind: 'person' });
const address = newInvitation({ email: 'a@b.example' }, { ...given, kind: 'email' });
const page = { after: { at: new Date(), id }, limit: 50 };

describe('hot queries', () => {
  const cases: [string, RegExp, (db: Queryable) => Promise<unknown>][] = [
    ['access', /members_(pkey|by_user)/, (queryable) => readAccess(queryable, id, id)],
    ['all accesses of people', /members_by_user/, (queryable) => listAccesses(queryable, [id, id])],
    ['one conversation', /members_(pkey|by_user)/, (queryable) => readSeat(queryable, id, id).catch(() => undefined)],
    [
      'the list of conversations',
      /members_by_user/,
      (queryable) => listSeats(queryable, { ...page, userId: id, archived: false }),
    ],
    ['members', /members_by_joining/, (queryable) => listMemberViews(queryable, { ...page, conversationId: id })],
    [
      'my invitations',
      /invitations_by_invitee/,
      (queryable) => listPendingOf(queryable, { ...page, inviteeId: id, now: new Date() }),
    ],
    [
      'invitations of a conversation',
      /invitations_by_conversation/,
      (queryable) =>
        listInvitationsTo(queryable, {
          ...page,
          conversationId: id,
          inviterId: undefined,
          state: undefined,
          now: new Date(),
        }),
    ],
    ['a pending invitation', /invitations_(pending|by_invitee)/, (queryable) => findPending(queryable, person)],
    ['the cool-down', /invitations_declined/, (queryable) => lastDeclineOf(queryable, person)],
    ['a pending invitation of an address', /invitations_pending_email/, (queryable) => findPending(queryable, address)],
    ['the cool-down of an address', /invitations_declined_email/, (queryable) => lastDeclineOf(queryable, address)],
    ['what a person sent', /invitations_by_inviter/, (queryable) => sentSince(queryable, id, new Date())],
    [
      'what is over',
      /invitations_expiring/,
      (queryable) => listOver(queryable, { hours: [1, 2], now: new Date(), limit: 9 }),
    ],
    ['what has no hour yet', /invitations_without_hour/, (queryable) => fillExpiryHours(queryable)],
    ['the links', /invitations_by_conversation/, (queryable) => countOpenLinks(queryable, id)],
    [
      'what is to be erased',
      /conversations_deleted/,
      (queryable) => listDeletedBefore(queryable, { before: new Date(), after: undefined, limit: 9 }),
    ],
    ['whose account is being deleted', /users_leaving/, (queryable) => listLeaving(queryable, 9)],
    ['memberships', /members_by_user/, (queryable) => listMembershipsOf(queryable, id, 9)],
    ['an heir', /members_(by_joining|pkey)/, (queryable) => findHeir(queryable, id, id)],
    ['own conversations', /members_by_user/, (queryable) => ownsWithOthers(queryable, id)],
    ['a picture', /avatars_pkey/, (queryable) => readAvatar(queryable, id)],
    [
      'a picture of a conversation',
      /conversation_avatars_pkey/,
      (queryable) => readConversationAvatar(queryable, id, id),
    ],
    ['mails', /invitations_unmailed/, (queryable) => listDueMails(queryable, { now: new Date(), limit: 9 })],
    ['a token', /invitation_tokens_pkey/, (queryable) => readInvitationByToken(queryable, 'x')],
    ['a redemption', /redemptions_pkey|redemptions_by_user/, (queryable) => hasRedeemed(queryable, id, id)],
    ['a ban', /bans_(pkey|by_user)/, (queryable) => isBanned(queryable, id, id)],
    ['bans', /bans_by_time/, (queryable) => listBanViews(queryable, { ...page, conversationId: id })],
    ['a block', /blocks_pkey|blocks_by_time/, (queryable) => isBlocked(queryable, { by: id, who: id })],
    ['blocks', /blocks_by_time/, (queryable) => listBlockViews(queryable, { ...page, userId: id })],
    [
      'requests to join',
      /join_requests_pending/,
      (queryable) => listJoinRequestViews(queryable, { ...page, conversationId: id }),
    ],
    ['the audit', /audit_pkey/, (queryable) => listAudit(queryable, { conversationId: id, before: 9, limit: 50 })],
    ['the acts of a person', /audit_by_actor/, (queryable) => listActsOf(queryable, id, 50)],
    [
      'a search by name',
      /user_words_by_word/,
      (queryable) =>
        searchByName(queryable, {
          prefix: 'an',
          others: ['b'],
          after: { word: 'ann', userId: id },
          limit: 50,
          acquaintancesOf: undefined,
        }),
    ],
    ['a search by address', /users_by_email/, (queryable) => searchByEmail(queryable, 'a@b.example')],
    ['the outbox', /outbox_unsent/, (queryable) => readUnsent(queryable, { afterSubject: id, limit: 500 })],
  ];

  it.each(cases)('find %s by an index', async (_, index, run) => {
    const plan = (await plansOf(run)).join('\n');
    expect(plan).toMatch(index);
    expect(plan).not.toContain('Seq Scan');
  });
});

/** The plans of the statements that a store runs, in the form in which it runs them. */
const plansOf = async (run: (db: Queryable) => Promise<unknown>): Promise<string[]> => {
  const statements: { text: string; parameters: unknown[] }[] = [];
  const recording = openDatabase(sql, {
    logQuery: (text, parameters) => void statements.push({ text, parameters }),
  });
  await run(recording);
  expect(statements).not.toHaveLength(0);
  const plans: string[] = [];
  for (const { text, parameters } of statements) {
    const rows = await sql.unsafe(`EXPLAIN ${text}`, parameters as string[]);
    plans.push(rows.map((row) => row['QUERY PLAN']).join('\n'));
  }
  return plans;
};
