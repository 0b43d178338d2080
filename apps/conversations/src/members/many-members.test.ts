import { beforeAll, describe, expect, it } from 'bun:test';
import { limits } from '@chatapp/contract/limits';
import type { Member, Page } from '@chatapp/contract/shapes';
import postgres from 'postgres';
import { serviceForFile } from '../../testing/service-for-file.ts';
import { openDatabase } from '../database.ts';
import { listMemberViews } from './member-store.ts';

const service = serviceForFile();
const count = limits.memberCountMax;

let id: string;
/** Beside ann: as many as go in, seventy to each instant, so that nearly every page ends among people of the same one; and two hundred other conversations. */
beforeAll(async () => {
  id = await service.group();
  const { sql } = service;
  await sql`
    INSERT INTO users (id, name, name_folded, email_verified, created_at, updated_at)
    SELECT gen_random_uuid(), 'Member ' || n, 'member ' || n, false, now(), now() FROM generate_series(2, ${count}::integer) n`;
  await sql`
    INSERT INTO members (conversation_id, user_id, role, joined_at)
    SELECT ${id}, id, 'member', now() + (row_number() OVER (ORDER BY id) / 70) * interval '1 second' FROM users WHERE name LIKE 'Member %'`;
  await sql`UPDATE conversations SET member_count = ${count} WHERE id = ${id}`;
  const others = await sql<{ id: string }[]>`
    INSERT INTO conversations (id, kind, name, version, event_count, member_count, created_by, created_at, last_activity_at)
    SELECT gen_random_uuid(), 'group', 'Other', 1, 1, 100, ${service.ids.ann}, now(), now() FROM generate_series(1, 200) RETURNING id`;
  await sql`
    INSERT INTO members (conversation_id, user_id, role, joined_at)
    SELECT c, u.id, 'member', now() FROM unnest(${others.map((other) => other.id)}::uuid[]) c,
      (SELECT id FROM users WHERE name LIKE 'Member %' LIMIT 100) u`;
}, 60_000);

/** All pages; `between` runs after each. */
const walk = async (limit: number, between: (page: number) => Promise<void> = async () => undefined) => {
  const items: Member[] = [];
  let pages = 0;
  for (let cursor = ''; ; ) {
    const { status, body } = await service.as.ann('GET', `/conversations/${id}/members?limit=${limit}${cursor}`);
    expect(status).toBe(200);
    const page = body as Page<Member>;
    items.push(...page.items);
    await between(++pages);
    if (page.next === null) return { items, pages };
    cursor = `&cursor=${page.next}`;
  }
};
const idsOf = (items: readonly Member[]) => items.map(({ user }) => user.id);

describe(`a conversation of ${count}`, () => {
  it('shows its members page by page, each once and in the order of their joining', async () => {
    const { items, pages } = await walk(100);
    expect([items.length, pages]).toEqual([count, count / 100]);
    expect(new Set(idsOf(items)).size).toBe(count);
    const keys = items.map(({ joinedAt, user }) => `${joinedAt} ${user.id}`);
    expect(keys).toEqual(keys.toSorted());
    expect(items[0]?.user.id).toBe(service.ids.ann);
  }, 60_000);

  it('has no room for one more', async () => {
    const link = await service.as.ann('POST', `/conversations/${id}/invitations`, { link: true });
    const answer = await service.as.eve('POST', `/invitations/token/${link.body.url.split('/').at(-1)}/accept`);
    expect([answer.status, answer.body.code]).toEqual([409, 'conflict']);
  });

  it('shows who stays once, while others on pages before and after leave', async () => {
    const before = idsOf((await walk(100)).items);
    // From its middle on, one of what was shown and one of what comes goes after every page.
    const leaving = new Set<string>();
    const { items } = await walk(100, async (page) => {
      for (const place of [page * 100 - 50, page * 100 + 30]) {
        const userId = page >= 40 && page < 60 ? before[place] : undefined;
        if (userId === undefined || leaving.has(userId)) continue;
        leaving.add(userId);
        expect((await service.as.ann('DELETE', `/conversations/${id}/members/${userId}`)).status).toBe(204);
      }
    });
    expect(leaving.size).toBe(40);
    const shown = idsOf(items);
    expect(new Set(shown).size).toBe(shown.length);
    expect(shown.filter((userId) => !leaving.has(userId))).toEqual(before.filter((userId) => !leaving.has(userId)));
  }, 60_000);

  it('is read by a range of an index, with nothing scanned and nothing sorted', async () => {
    // As a superuser: only the owner of the tables may ANALYZE them, and the service turns sequential scans off where this one lets them be.
    const owner = postgres(service.database.ownerUrl, { max: 1, connection: { search_path: 'conversations' } });
    try {
      await owner`ANALYZE`;
      const { items } = await walk(100);
      // Not the last one: of the few that are left by then a sort is as good.
      for (const page of [1, 40, 80]) {
        const last = items[page * 100 - 1];
        if (last === undefined) throw new Error('no such page');
        const statements: { text: string; parameters: unknown[] }[] = [];
        const recording = openDatabase(service.sql, {
          logQuery: (text, parameters) => void statements.push({ text, parameters }),
        });
        const after = { at: new Date(last.joinedAt), id: last.user.id };
        await listMemberViews(recording, { conversationId: id, after, limit: 100 });
        expect(statements).toHaveLength(1);
        for (const { text, parameters } of statements) {
          const rows = await owner.unsafe(`EXPLAIN (ANALYZE, BUFFERS) ${text}`, parameters as string[]);
          const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
          expect(plan).toMatch(/Index (Only )?Scan using members_by_joining/);
          expect(plan).not.toMatch(/Seq Scan|Sort/);
          // Not read and thrown away, either.
          expect(plan).not.toMatch(/Rows Removed/);
        }
      }
    } finally {
      await owner.end();
    }
  }, 60_000);
});
