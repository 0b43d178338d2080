import type { ProblemCode } from '@chatapp/contract/problem';

/** More than any route takes: of so much nothing is read, by whatever route. */
const bodyBytesMax = 1_048_576;

/**
 * Why a request is refused by what it says of itself, before any route is looked for: `malformed` where it says twice whose it is or where it ends (`Host`,
 * `Content-Length`: RFC 9112 §3.2 and §6.3), which its values show as a comma (Bun refuses lengths that differ and takes equal ones; who is in front of us
 * may have read the one or the other, or see the end elsewhere); `too-large` where it announces too long a body.
 */
export const framingRefusal = (headers: Headers): ProblemCode | undefined => {
  const length = headers.get('content-length');
  if (headers.get('host')?.includes(',') || length?.includes(',')) return 'malformed';
  return length !== null && Number(length) > bodyBytesMax ? 'too-large' : undefined;
};
