import postgres from 'postgres';

export interface SeededRoom {
  readonly id: string;
  readonly memberIds: readonly string[];
}

/** Writes people and conversations past the API, which would take minutes: what it would have written, without events. */
export const seedRooms = async (databaseUrl: string, rooms: readonly SeededRoom[]): Promise<void> => {
  const sql = postgres(databaseUrl, {
    max: 1,
    onnotice: () => undefined,
    connection: { search_path: 'conversations' },
  });
  const people = [...new Set(rooms.flatMap(({ memberIds }) => memberIds))];
  const members = rooms.flatMap(({ id, memberIds }) => memberIds.map((userId) => [id, userId] as const));
  await sql`
    INSERT INTO users (id, name, name_folded, email_verified, created_at, updated_at)
    SELECT id, 'Bench', 'bench', false, now(), now() FROM unnest(${people}::uuid[]) AS k (id)
    ON CONFLICT DO NOTHING`;
  await sql`
    INSERT INTO conversations (id, kind, name, version, event_count, member_count, created_by, created_at, last_activity_at)
    SELECT k.id, 'group', 'Bench', 1, 0, k.count, k.owner, now(), now()
    FROM unnest(
      ${rooms.map(({ id }) => id)}::uuid[], ${rooms.map(({ memberIds }) => memberIds.length)}::int[],
      ${rooms.map(({ memberIds }) => memberIds[0] ?? '')}::uuid[]
    ) AS k (id, count, owner)`;
  await sql`
    INSERT INTO members (conversation_id, user_id, role, joined_at)
    SELECT k.conversation_id, k.user_id, CASE WHEN k.user_id = c.created_by THEN 'owner' ELSE 'member' END, now()
    FROM unnest(${members.map(([id]) => id)}::uuid[], ${members.map(([, userId]) => userId)}::uuid[])
      AS k (conversation_id, user_id)
    JOIN conversations c ON c.id = k.conversation_id`;
  await sql`ANALYZE users, conversations, members`;
  await sql.end();
};
