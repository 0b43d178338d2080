import { isId } from '@chatapp/contract/ids';
import { ProblemError } from '@chatapp/service/problem';

/** The `clientId` of a command that has no body for it: `Idempotency-Key`; throws `invalid` where the header is no UUID. */
export const idempotencyKey = (request: Request): string | undefined => {
  const key = request.headers.get('idempotency-key')?.toLowerCase();
  if (key === undefined) return undefined;
  if (!isId(key)) throw new ProblemError('invalid', { errors: [{ path: '/idempotency-key', code: 'pattern' }] });
  return key;
};
