import { rateLimitHeaders } from '@chatapp/service/problem';
import type { RateDecision, RateLimit } from '@chatapp/service/rate-limit';
import { rateLimited } from '@chatapp/service/rate-limit';
import type { Audit } from '../audit/audit.ts';
import { sessionName } from '../audit/audit.ts';
import type { Callers } from './address.ts';

/** Each takes one point and throws `rate-limited` where there is none left, or rejects where Redis had to be asked. */
export interface Limits {
  ofSession(request: Request, sid: string): Taken;
  /** For what no session answers for. */
  ofAddress(request: Request): Taken;
  ofSignIn(request: Request): Taken;
  /** What a route of the proxy limits besides, by session, else by address. */
  ofRoute(request: Request, prefix: string, sid: string | undefined): Taken;
  /** Says in the answer to a request that was refused here by which limit (draft-ietf-httpapi-ratelimit-headers); false where it was not. */
  explain(request: Request, response: Response): boolean;
}

/** Undefined: at once. */
type Taken = Promise<void> | undefined;

export interface LimitsOptions {
  readonly session: RateLimit;
  readonly address: RateLimit;
  readonly signIn: RateLimit;
  /** By the prefix of the route. */
  readonly routes: ReadonlyMap<string, RateLimit>;
  readonly callers: Callers;
  readonly audit: Audit;
  readonly now: () => number;
}

const windowSeconds = 60;
const auditedMax = 10_000;

/** What one session, and one address, may ask of the BFF in a minute, over all instances. */
export const createLimits = ({ callers, audit, now, ...limits }: LimitsOptions): Limits => {
  const refused = new WeakMap<Request, { name: string; decision: RateDecision }>();
  // One line an offender and window: the log must not be what a flood fills.
  const audited = new Map<string, number>();

  const refuse = (request: Request, name: string, key: string, decision: RateDecision): never => {
    refused.set(request, { name, decision });
    const offender = `${name} ${key}`;
    if ((audited.get(offender) ?? 0) <= now()) {
      if (audited.size >= auditedMax) audited.clear();
      audited.set(offender, now() + decision.resetMs);
      audit({ event: 'rate-limited', limit: name === 'session' ? `session ${sessionName(key)}` : name }, request);
    }
    throw rateLimited(decision);
  };
  const take = (limit: RateLimit, name: string, request: Request, key: string): Taken => {
    const decision = limit(key);
    if (decision instanceof Promise)
      return decision.then((later) => {
        if (!later.allowed) refuse(request, name, key, later);
      });
    return decision.allowed ? undefined : refuse(request, name, key, decision);
  };

  return {
    ofSession: (request, sid) => take(limits.session, 'session', request, sid),
    ofAddress: (request) => take(limits.address, 'address', request, callers.addressOf(request)),
    ofSignIn: (request) => take(limits.signIn, 'sign-in', request, callers.addressOf(request)),
    ofRoute(request, prefix, sid) {
      const limit = limits.routes.get(prefix);
      return limit && take(limit, 'route', request, sid ?? callers.addressOf(request));
    },
    explain(request, response) {
      const refusal = refused.get(request);
      if (refusal === undefined) return false;
      const { name, decision } = refusal;
      const headers = rateLimitHeaders({ name, limit: decision.limit, windowSeconds }, decision.resetMs);
      for (const [field, value] of Object.entries(headers)) response.headers.set(field, value);
      return true;
    },
  };
};
