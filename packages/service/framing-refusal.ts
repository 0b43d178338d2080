import type { ProblemCode } from '@chatapp/contract/problem';

/** Fields of which a message has one (RFC 9112 §3.2 and §6.3), and which say whose it is and where it ends. */
const single = ['host', 'content-length'] as const;

/** More than any route takes: of so much nothing is read, by whatever route. */
const bodyBytesMax = 1_048_576;

/**
 * Why a request is refused by what it says of itself, before any route is looked for: `malformed` where it says twice whose it is or where it ends, which its values show
 * as a comma (Bun refuses lengths that differ and takes equal ones; who is in front of us may have read the one or the other, or see the end elsewhere);
 * `too-large` where it announces too long a body.
 */
export const framingRefusal = (headers: Headers): ProblemCode | undefined => {
  if (single.some((name) => headers.get(name)?.includes(','))) return 'malformed';
  return Number(headers.get('content-length')) > bodyBytesMax ? 'too-large' : undefined;
};
