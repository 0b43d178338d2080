import { once } from 'node:events';
import postgres from 'postgres';

/** How many there are, and how often each question is asked of them. */
export interface ConversationSizes {
  readonly people: number;
  readonly conversations: number;
  readonly membersEach: number;
  readonly queries: number;
}

/** The id of the n-th person or conversation: spread like a random one, and known without asking. */
export const idOf = (kind: 'person' | 'conversation', index: number): string => {
  const hex = new Bun.CryptoHasher('md5').update(`${kind} ${index}`).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
};

const first = ['Ada', 'Berit', 'Chen', 'Dora', 'Emeka', 'Farah', 'Goran', 'Hanna', 'Ines', 'Jonas', 'Kaito', 'Leila'];
const last = [
  'Abel',
  'Brand',
  'Costa',
  'Dahl',
  'Eriksen',
  'Fischer',
  'Garcia',
  'Haas',
  'Ito',
  'Jensen',
  'Kovacs',
  'Lund',
];
/** A name as people have them: some words are frequent, and most people have one of their own besides. */
export const nameOf = (index: number): string =>
  `${first[index % first.length]} ${last[Math.floor(index / first.length) % last.length]} ${idOf('person', index).slice(0, 6)}`;

/** The n-th member of a conversation: its owner has it with four others, each person has as many. */
export const memberOf = (conversation: number, member: number, { people }: ConversationSizes): number =>
  (conversation * 7 + member * (Math.floor(people / 5) + 1)) % people;

/** Fills the tables by COPY, with their indexes as the migrations made them; foreign keys are not looked at, which COPY would do row by row. */
export const seed = async (ownerUrl: string, sizes: ConversationSizes, say: (line: string) => void): Promise<void> => {
  const sql = postgres(ownerUrl, {
    max: 1,
    onnotice: () => undefined,
    connection: { search_path: 'conversations', session_replication_role: 'replica', synchronous_commit: 'off' },
  });
  const began = performance.now();
  const told = (what: string) => say(`${what}  ${((performance.now() - began) / 1000).toFixed(0)} s`);
  try {
    const at = (minutes: number) => new Date(Date.UTC(2026, 0, 1) + minutes * 60_000).toISOString();
    await copy(
      sql,
      'users (id, name, name_folded, email, email_folded, email_verified, created_at, updated_at)',
      sizes.people,
      (n) => {
        const name = nameOf(n);
        const email = `person${n}@example.test`;
        return [[idOf('person', n), name, name.toLowerCase(), email, email, 't', at(0), at(0)]];
      },
    );
    await copy(sql, 'user_words (user_id, word)', sizes.people, (n) =>
      nameOf(n)
        .toLowerCase()
        .split(' ')
        .map((word) => [idOf('person', n), word]),
    );
    told(`${sizes.people} people`);
    await copy(
      sql,
      'conversations (id, kind, name, version, event_count, member_count, created_by, created_at, last_activity_at)',
      sizes.conversations,
      (n) =>
        [...[[idOf('conversation', n), 'group', `Conversation ${n}`, '1', '1', String(sizes.membersEach)]]].map(
          (row) => [...row, idOf('person', memberOf(n, 0, sizes)), at(0), at(n % 400_000)],
        ),
    );
    told(`${sizes.conversations} conversations`);
    await copy(sql, 'members (conversation_id, user_id, role, joined_at)', sizes.conversations, (n) =>
      Array.from({ length: sizes.membersEach }, (_, member) => [
        ...[idOf('conversation', n), idOf('person', memberOf(n, member, sizes))],
        ...[member === 0 ? 'owner' : 'member', at(member)],
      ]),
    );
    told(`${sizes.conversations * sizes.membersEach} memberships`);
    await sql`VACUUM ANALYZE`;
    told('statistics');
  } finally {
    await sql.end();
  }
};

const rowsAtOnce = 20_000;

const copy = async (
  sql: postgres.Sql,
  target: string,
  count: number,
  rowsOf: (index: number) => readonly (readonly string[])[],
): Promise<void> => {
  const stream = await sql.unsafe(`COPY ${target} FROM STDIN`).writable();
  const failed = once(stream, 'error').then(([error]) => Promise.reject(error));
  failed.catch(() => undefined);
  for (let from = 0; from < count; from += rowsAtOnce) {
    let text = '';
    for (let index = from; index < Math.min(count, from + rowsAtOnce); index++) {
      for (const row of rowsOf(index)) text += `${row.join('\t')}\n`;
    }
    if (!stream.write(text)) await Promise.race([once(stream, 'drain'), failed]);
  }
  stream.end();
  await Promise.race([once(stream, 'finish'), failed]);
};

/** How many conversations and memberships the database holds. */
export const countSeeded = async (ownerUrl: string): Promise<{ conversations: number; memberships: number }> => {
  const sql = postgres(ownerUrl, { max: 1, connection: { search_path: 'conversations' } });
  try {
    const [row] = await sql<{ c: number; m: number }[]>`
      SELECT (SELECT count(*)::int FROM conversations) AS c, (SELECT count(*)::int FROM members) AS m`;
    return { conversations: row?.c ?? 0, memberships: row?.m ?? 0 };
  } finally {
    await sql.end();
  }
};
