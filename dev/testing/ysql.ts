/**
 * What YugabyteDB does not do, or does badly, though PostgreSQL takes it (docs/decisions/0012-common-subset-of-sql.md): migrations and every
 * statement that a test run executes for a service are held against it.
 */
const forbidden: readonly (readonly [what: string, pattern: RegExp])[] = [
  [
    'a sequence',
    /\b(bigserial|serial|nextval|(create|alter)\s+sequence|generated\s+(always|by\s+default)\s+as\s+identity)\b/i,
  ],
  ['an index kind that does not spread', /\busing\s+(gist|brin|gin|hash|spgist)\b/i],
  ['EXCLUDE', /\bexclude\s+(using|\()/i],
  ['a deferrable constraint', /\bdeferrable\b/i],
  ['MERGE', /^\s*merge\b/i],
  ['fillfactor', /\bfillfactor\b/i],
  ['a trigger', /\btrigger\b/i],
  ['LISTEN or NOTIFY', /^\s*(listen|unlisten|notify)\b|\bpg_notify\b/i],
  ['an advisory lock', /\bpg_(try_)?advisory_/i],
  ['a system column', /\b(xmin|xmax|ctid|cmin|cmax)\b/i],
  ['TRUNCATE', /^\s*truncate\b/i],
  ['LOCK TABLE', /^\s*lock\b/i],
  ['CONCURRENTLY', /\bconcurrently\b/i],
  [
    'an index that begins with a time',
    /\bindex\b[^(]*\(\s*(created_at|updated_at|settled_at|joined_at|expires_at|last_activity_at)\b/i,
  ],
];

/** What a statement uses that it may not; empty: nothing. Comments and texts in quotes are not looked at. */
export const ysqlFaults = (statement: string): string[] => {
  const bare = statement.replace(/--[^\n]*|\/\*[\s\S]*?\*\//g, ' ').replace(/'(?:[^']|'')*'/g, "''");
  return forbidden.filter(([, pattern]) => pattern.test(bare)).map(([what]) => what);
};
