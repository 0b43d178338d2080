import { t } from 'elysia';

/** A UUID in lower case. */
export const Id = t.String({
  pattern: '^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$',
  description: 'UUID, lower case',
});
export type Id = string;

/** An instant as ISO 8601 in UTC with milliseconds, `2026-11-22T10:42:00.000Z`. */
export const Instant = t.String({
  // What has the form need not be an instant: a thirteenth month is none. The year 0, which a Date reads, no database takes.
  format: 'date-time',
  pattern: '^(?!0000)\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}(\\.\\d{1,6})?Z$',
  description: 'ISO 8601 instant, UTC',
});
export type Instant = string;

/** A place in a conversation (`seq`) or the number of a durable change of it (`rev`): 1, 2, 3 …, without holes. */
export const Position = t.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER });
/** A position, or 0 for "before the first". */
export const PositionOrZero = t.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });

const idPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

export const isId = (text: string): boolean => idPattern.test(text);

const userNamespace = 'b3c0f6de-3f0e-5b6c-9d0e-6c6f6e1c2a77';

export type PrincipalKind = 'user' | 'machine';

/**
 * The id of a person or a machine: UUIDv5 over (issuer alias, kind, sub), so that every service derives the same one from
 * a token and a machine never gets a person's (RFC 9700 §4.15). The parts are joined as JSON, so none can run into another.
 */
export const userIdOf = async (who: { issuerAlias: string; kind: PrincipalKind; sub: string }): Promise<Id> => {
  const name = new TextEncoder().encode(JSON.stringify([who.issuerAlias, who.kind, who.sub]));
  const namespace = Uint8Array.fromHex(userNamespace.replaceAll('-', ''));
  const input = new Uint8Array(namespace.length + name.length);
  input.set(namespace);
  input.set(name, namespace.length);
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-1', input)).subarray(0, 16);
  digest[6] = ((digest[6] ?? 0) & 0x0f) | 0x50;
  digest[8] = ((digest[8] ?? 0) & 0x3f) | 0x80;
  return formatUuid(digest);
};

const formatUuid = (bytes: Uint8Array): Id => {
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
};
