import { type ProblemCode, problemCodes } from '@chatapp/contract/problem';
import { type MachineScope, type ServiceName, serviceAudience } from '@chatapp/contract/scopes';
import type { Destination } from '@chatapp/resilience/destination';
import { BulkheadFullError, CircuitOpenError, DeadlineError } from '@chatapp/resilience/errors';
import { createResilientFetch } from '@chatapp/resilience/http';
import type { Static, TSchema } from 'elysia';
import type { MachineTokens } from './machine-token.ts';
import { ProblemError } from './problem.ts';
import { type CompiledSchema, compileSchema } from './schema.ts';

export interface ServiceClientOptions {
  /** The service that is called. */
  readonly service: ServiceName;
  /** Its instances as they are now, asked in turn; an attempt that is repeated goes to the next one, and none to one whose circuit is open. */
  readonly urls: () => readonly string[];
  readonly tokens: MachineTokens;
  /** One destination (deadline, retries, breaker, bulkhead, budget) a called service. */
  readonly destination: Destination;
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>;
}

export interface ServiceRequest<S extends TSchema> {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly path: string;
  readonly scope: MachineScope;
  /** What the answer must be; another answer is a `upstream-unreachable`. */
  readonly answer: S;
  readonly body?: unknown;
  /** Whether it may be sent twice; by default every method but POST. */
  readonly idempotent?: boolean;
  readonly signal?: AbortSignal;
  /** These in place of the destination's. */
  readonly deadlineMs?: number;
  readonly attemptTimeoutMs?: number;
}

export type ServiceClient = <S extends TSchema>(request: ServiceRequest<S>) => Promise<Static<S>>;

/**
 * Calls another service with a client_credentials token through its destination's policies. Throws `ProblemError`: the problem that the
 * service answered (`not-found` and so on), or `unavailable`, `upstream-timeout`, `upstream-unreachable`.
 */
export const createServiceClient = (options: ServiceClientOptions): ServiceClient => {
  const send = createResilientFetch(options);
  const schemas = new WeakMap<TSchema, CompiledSchema<unknown>>();
  let turn = 0;

  const once = async <S extends TSchema>(request: ServiceRequest<S>) => {
    const token = await options.tokens.get(serviceAudience(options.service), [request.scope]);
    const first = turn++;
    const inTurn = options.urls().map((_, at, urls) => urls[(first + at) % urls.length] ?? '');
    const response = await send({
      url: {
        pick: (avoided) => inTurn.find((url) => !avoided.has(url)) ?? inTurn[0] ?? '',
        of: (url) => `${url}${request.path}`,
      },
      init: initOf(request, token),
      ...(request.idempotent === undefined ? {} : { idempotent: request.idempotent }),
      deadlineMs: request.deadlineMs,
      attemptTimeoutMs: request.attemptTimeoutMs,
    });
    return { response, token };
  };

  return async (request) => {
    try {
      let { response, token } = await once(request);
      if (response.status === 401) {
        // The token was revoked or the key rotated: one other token, one more try.
        options.tokens.drop(token);
        ({ response, token } = await once(request));
      }
      return await read(response, compiled(schemas, request.answer));
    } catch (error) {
      throw translate(error);
    }
  };
};

const initOf = (request: ServiceRequest<TSchema>, token: string): RequestInit => ({
  method: request.method,
  headers: {
    authorization: `Bearer ${token}`,
    ...(request.body === undefined ? {} : { 'content-type': 'application/json' }),
  },
  ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
  ...(request.signal ? { signal: request.signal } : {}),
});

const compiled = <S extends TSchema>(schemas: WeakMap<TSchema, CompiledSchema<unknown>>, schema: S) => {
  const known = schemas.get(schema) ?? compileSchema(schema);
  schemas.set(schema, known);
  return known as CompiledSchema<Static<S>>;
};

const read = async <T>(response: Response, schema: CompiledSchema<T>): Promise<T> => {
  const answer: unknown = await response.json().catch(() => undefined);
  if (!response.ok) throw new ProblemError(codeOf(answer) ?? codeOfStatus(response.status));
  if (!schema.check(answer))
    throw new ProblemError('upstream-unreachable', { detail: 'A service answered something else than agreed.' });
  return answer;
};

const codeOf = (answer: unknown): ProblemCode | undefined => {
  const code = typeof answer === 'object' && answer !== null && 'code' in answer ? answer.code : undefined;
  return problemCodes.find((known) => known === code);
};

const codeOfStatus = (status: number): ProblemCode => {
  if (status === 404) return 'not-found';
  return status === 503 || status === 429 ? 'unavailable' : 'upstream-unreachable';
};

const translate = (error: unknown): unknown => {
  if (error instanceof ProblemError) return error;
  if (error instanceof CircuitOpenError || error instanceof BulkheadFullError) {
    return new ProblemError('unavailable', { retryAfterMs: 1000, cause: error });
  }
  if (error instanceof DeadlineError) return new ProblemError('upstream-timeout', { cause: error });
  return new ProblemError('upstream-unreachable', { cause: error });
};
