import postgres from 'postgres';

export interface LongConversation {
  readonly databaseUrl: string;
  readonly conversationId: string;
  readonly senderIds: readonly string[];
  readonly messages: number;
}

/** Messages of one to six lines, a minute apart, past the API, which would take minutes: the rows that it would have written. */
export const fillConversation = async (long: LongConversation): Promise<void> => {
  const { conversationId, senderIds, messages } = long;
  const sql = postgres(long.databaseUrl, {
    max: 1,
    onnotice: () => undefined,
    connection: { search_path: 'messages' },
  });
  await sql`
    WITH head AS (
      UPDATE heads SET head_seq = head_seq + ${messages}, head_rev = head_rev + ${messages}
      WHERE conversation_id = ${conversationId} RETURNING head_seq - ${messages} AS seq, head_rev - ${messages} AS rev
    )
    INSERT INTO messages (conversation_id, seq, rev, created_rev, id, sender_id, client_id, created_at, changed, reacted, kind, body)
    SELECT ${conversationId}, head.seq + n, head.rev + n, head.rev + n, gen_random_uuid(),
      (${[...senderIds]}::uuid[])[1 + (n / 3) % ${senderIds.length}], gen_random_uuid(),
      now() - make_interval(mins => (${messages} - n)::int), false, false, 'text',
      rpad('Message ' || n || ' of the long one.', 40 + (n * 37 % 400)::int, ' The tide is in by four, so we bring the boats round.')
    FROM head, generate_series(1, ${messages}::bigint) AS s (n)`;
  await sql`ANALYZE messages, heads`;
  await sql.end();
};
