import { type MachineScope, type ServiceName, serviceAudience } from '@chatapp/contract/scopes';
import { Elysia } from 'elysia';
import { ProblemError } from './problem.ts';
import type { Principal, TokenVerifier } from './token-verifier.ts';

export interface Authentication {
  readonly verify: TokenVerifier;
  readonly service: ServiceName;
  readonly apiAudience: string;
}

/** For the routes of people: `.use(person(auth))` on their sub-app gives each handler `person`; others get 401 or 403 before validation. */
export const person = (auth: Authentication) =>
  new Elysia().derive({ as: 'scoped' }, async ({ request }) => {
    const principal = await bearer(auth, request);
    // A machine is never taken for a person, whatever its audience (RFC 9700 §4.15).
    if (principal.kind !== 'user') throw new ProblemError('forbidden');
    if (!principal.audiences.includes(auth.apiAudience)) throw new ProblemError('token-invalid');
    return { person: { id: principal.id } };
  });

/** For the routes of machines: `.use(machine(auth, scope))` lets in tokens of client_credentials for this service with that scope. */
export const machine = (auth: Authentication, scope: MachineScope) =>
  new Elysia().derive({ as: 'scoped' }, async ({ request }) => {
    const principal = await bearer(auth, request);
    if (principal.kind !== 'machine') throw new ProblemError('forbidden');
    if (!principal.audiences.includes(serviceAudience(auth.service))) throw new ProblemError('token-invalid');
    if (!principal.scopes.has(scope)) throw new ProblemError('scope');
    return { machine: { clientId: principal.clientId } };
  });

const callers = new WeakMap<Request, string>();

/** Whose token a request came with, where it was good: the id of the person or of the client. */
export const callerOf = (request: Request): string | undefined => callers.get(request);

const bearer = async (auth: Authentication, request: Request): Promise<Principal> => {
  const token = bearerToken(request);
  if (token === undefined) throw new ProblemError('token-invalid', { detail: 'Send an access token as Bearer.' });
  const principal = await auth.verify(token);
  callers.set(request, principal.kind === 'user' ? principal.id : principal.clientId);
  return principal;
};

/** The token of an `Authorization: Bearer` header (RFC 6750 §2.1). */
export const bearerToken = (request: Request): string | undefined =>
  /^Bearer ([\w\-.~+/]+=*)$/i.exec(request.headers.get('authorization') ?? '')?.[1];
