import { limits } from '@chatapp/contract/limits';
import { Elysia, type InternalRoute, ParseError, ValidationError } from 'elysia';
import { apiDocs } from './api-docs.ts';
import { callerOf } from './authenticate.ts';
import { databaseUnavailable, isDatabaseTrouble } from './database-problem.ts';
import { framingRefusal } from './framing-refusal.ts';
import { health, type ReadyChecks } from './health.ts';
import { parseJson, readText } from './json.ts';
import type { Log } from './log.ts';
import type { Metrics } from './metrics.ts';
import { ProblemError, problemResponse } from './problem.ts';
import { createRefusalAudit } from './refusal-audit.ts';
import { fieldErrors } from './schema.ts';

export interface ServiceAppOptions {
  /** `conversations`, as it stands in logs, metrics and the API documentation. */
  readonly name: string;
  readonly about: string;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly checks: ReadyChecks;
  /** Parts without which the service still serves: they are shown in `/health/ready` and do not make it 503. */
  readonly optionalChecks?: ReadyChecks;
  readonly draining?: () => boolean;
  /** Whether `/swagger` answers; it does unless this is false. */
  readonly apiDocs?: boolean;
  /** Paths whose handlers read the request's body themselves. `parse: 'none'` on a route does not do: the hook of all routes runs beside it. */
  readonly ownBody?: (pathname: string) => boolean;
  /** Whether the app's `/*` may have something at a path: where it may not, `/*` makes no route of it. Everywhere unless said. */
  readonly mayBePage?: (pathname: string) => boolean;
  /** The app writes down itself who was refused. */
  readonly ownAudit?: boolean;
}

/**
 * What every service's HTTP surface shares: problem details for every error, request ids, JSON bodies within the limits and nothing else,
 * health, metrics and API documentation. An app adds its routes with `.use(…)`.
 */
export const serviceApp = (options: ServiceAppOptions) => {
  const { log, metrics, mayBePage = () => true } = options;
  const started = new WeakMap<Request, number>();
  const noteRefusal = options.ownAudit ? undefined : createRefusalAudit(log);
  // `normalize: false`: an unknown field is refused, not silently dropped.
  // `encodeSchema: false`: answers are checked by the compiled schema; encoding them would walk it for each value, and nothing on the wire is encoded.
  // `strictPath`: `/x/` is not `/x`, for whoever guards `/x` compares the path.
  const app = new Elysia({
    normalize: false,
    encodeSchema: false,
    strictPath: true,
    handler: { standardHostname: false },
  });
  return app
    .onError({ as: 'global' }, ({ error, code, request, path, route }) => {
      const other = code === 'NOT_FOUND' && servesOtherMethod(app.routes, path, mayBePage);
      const thrown = other ? new ProblemError('method-not-allowed') : error;
      const { code: refused } = toProblem(thrown);
      const requestId = requestIdOf(request);
      noteRefusal?.({ code: refused, requestId, route: `${request.method} ${route}`, by: callerOf(request) });
      return problemAnswer(thrown, { request, path, log });
    })
    .onRequest(({ request, set }) => {
      started.set(request, performance.now());
      set.headers['x-request-id'] = requestIdOf(request);
      set.headers['x-content-type-options'] = 'nosniff';
      const framing = framingRefusal(request.headers);
      if (framing !== undefined) throw new ProblemError(framing);
      if (options.apiDocs === false && docsUrl.test(request.url)) throw new ProblemError('not-found');
    })
    .onParse({ as: 'global' }, async ({ request, contentType, path }) => {
      // Anything but undefined: else Elysia's own parsers take their turn.
      if (options.ownBody?.(path)) return null;
      if (request.body === null) return undefined;
      // A form or plain text needs no CORS preflight: only JSON is read (security.md, trap 5).
      if (contentType !== 'application/json') throw new ProblemError('media-type');
      // Nothing is unpacked: 64 KB of it may be 64 MB of text (RFC 9110 §15.5.16).
      if (request.headers.has('content-encoding')) throw new ProblemError('media-type');
      return parseJson(await readText(request, limits.httpBodyBytesMax));
    })
    .onAfterResponse({ as: 'global' }, ({ request, route, responseValue, set }) => {
      const status = responseValue instanceof Response ? responseValue.status : Number(set.status ?? 200);
      const now = performance.now();
      const seconds = (now - (started.get(request) ?? now)) / 1000;
      metrics.observeRequest({ method: request.method, route: route || 'none', status, seconds });
    })
    .use(
      health({
        checks: options.checks,
        optionalChecks: options.optionalChecks ?? {},
        ...(options.draining ? { draining: options.draining } : {}),
      }),
    )
    .get(
      '/metrics',
      async () =>
        new Response(await metrics.registry.metrics(), { headers: { 'content-type': metrics.registry.contentType } }),
      { detail: { hide: true } },
    )
    .use(apiDocs({ name: options.name, about: options.about }));
};

const docsUrl = /^\w+:\/\/[^/]*\/swagger(?:[/?#]|$)/;

/** The answer to a request in which something was thrown; what is our own fault, or a service's, is logged. */
export const problemAnswer = (
  error: unknown,
  { request, path, log }: { readonly request: Request; readonly path: string; readonly log: Log },
): Response => {
  const problem = toProblem(error);
  const requestId = requestIdOf(request);
  if (problem.status >= 500)
    log.error({ error, requestId, method: request.method, path: loggable(path) }, 'request failed');
  return problemResponse(problem, requestId);
};

/** Without what only its holder may know, as an invitation link has it: longer than any id. */
const loggable = (path: string): string => path.replace(/(?<=\/)[\w-]{40,}(?=\/|$)/g, '…');

const requestIds = new WeakMap<Request, string>();

/** The caller's `x-request-id` where it is a plain word, else a new one: the same whoever asks for it. */
export const requestIdOf = (request: Request): string => {
  const known = requestIds.get(request);
  if (known !== undefined) return known;
  const given = request.headers.get('x-request-id');
  const id = given && /^[\w-]{8,64}$/.test(given) ? given : crypto.randomUUID();
  requestIds.set(request, id);
  return id;
};

/** Any thrown thing as the problem that a caller may see; what is not ours is `internal` and says nothing (security.md, trap 7). */
export const toProblem = (error: unknown): ProblemError => {
  if (error instanceof ProblemError) return error;
  if (error instanceof ValidationError) return validationProblem(error);
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'NOT_FOUND') return new ProblemError('not-found');
  // Elysia wraps what the parse hook throws.
  if (error instanceof ParseError) {
    return error.cause instanceof ProblemError ? error.cause : new ProblemError('malformed', { cause: error });
  }
  // It passes by itself: a database that restarts or keeps a lock is no fault of ours, and the caller may come again.
  if (isDatabaseTrouble(error)) return databaseUnavailable(error);
  if (code === 'INVALID_COOKIE_SIGNATURE' || code === 'INVALID_FILE_TYPE') return new ProblemError('malformed');
  return new ProblemError('internal', { cause: error });
};

const validationProblem = (error: ValidationError): ProblemError => {
  // An answer that breaks its own schema is our fault, not the caller's.
  if (error.type === 'response') return new ProblemError('internal', { cause: error });
  // An id in the path that cannot exist is a thing that does not exist.
  if (error.type === 'params') return new ProblemError('not-found');
  return new ProblemError('invalid', { errors: faultsOf(error), cause: error });
};

const faultsOf = ({ validator, value }: ValidationError) =>
  'Errors' in validator && typeof validator.Errors === 'function' ? fieldErrors(validator.Errors(value)) : [];

const servesOtherMethod = (
  routes: readonly InternalRoute[],
  path: string,
  mayBePage: (pathname: string) => boolean,
): boolean => routes.some((route) => patternOf(route.path).test(path) && (route.path !== '/*' || mayBePage(path)));

const patternOf = (path: string): RegExp =>
  new RegExp(
    `^${path
      .replace(/[.+?^$()|[\]\\]/g, '\\$&')
      .replace(/:\w+/g, '[^/]+')
      .replace('*', '.*')}$`,
  );
