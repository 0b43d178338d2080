import type { ProblemCode } from '@chatapp/contract/problem';
import type { LabelledMeter } from '@chatapp/service/meters';
import { ProblemError } from '@chatapp/service/problem';
import type { Audit } from '../audit/audit.ts';
import { crossSiteRefusal } from '../session/cross-site.ts';
import type { Limits } from './limits.ts';
import { urlOf } from './request-url.ts';
import type { Policies, RoutePolicy } from './route-policy.ts';

export interface GuardOptions {
  readonly policies: Policies;
  /** Whose pages may use the cookie: exact origins. */
  readonly origins: readonly string[];
  readonly limits: Limits;
  readonly audit: Audit;
  readonly refusals: LabelledMeter;
}

export interface Guard {
  /** Why a request is refused before any route, cookie or token is looked at; undefined where it may go on, at once where nothing is counted. */
  refusalOf(request: Request, pathname: string): Promise<ProblemError | undefined> | undefined;
  /** Notes what a route answered, and says in the answer why the request was too much. */
  noteAnswer(request: Request, response: Response): void;
}

/** The one check of origin and `X-CSRF`, and the limits by address, by the table of routes. */
export const createGuard = ({ policies, origins, limits, audit, refusals }: GuardOptions): Guard => {
  const note = (request: Request, { path, method }: RoutePolicy, code: ProblemCode) => {
    refusals.add(code);
    if (code !== 'rate-limited') audit({ event: 'access.refused', code, route: `${method} ${path}` }, request);
  };

  const counted = async (
    request: Request,
    policy: RoutePolicy,
    crossSite: ProblemCode | undefined,
  ): Promise<ProblemError | undefined> => {
    try {
      // What is refused is counted too: the audit log must not be what a flood fills.
      if (crossSite !== undefined || policy.limit === 'address') await limits.ofAddress(request);
      if (policy.limit === 'sign-in') await limits.ofSignIn(request);
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error;
      note(request, policy, error.code);
      return error;
    }
    if (crossSite === undefined) return undefined;
    note(request, policy, crossSite);
    return new ProblemError(crossSite);
  };

  return {
    refusalOf(request, pathname) {
      const policy = policies.of(request.method, pathname);
      const crossSite = policy.opens === 'session' ? crossSiteRefusal(request.headers, origins) : undefined;
      if (crossSite === undefined && policy.limit === 'none') return undefined;
      return counted(request, policy, crossSite);
    },

    noteAnswer(request, response) {
      const { status } = response;
      if (status !== 401 && status !== 403 && status !== 429) return;
      const policy = policies.of(request.method, urlOf(request).pathname);
      if (status === 429 && limits.explain(request, response)) refusals.add('rate-limited');
      if (policy.opens !== 'machine') return void (status === 401 && refusals.add('signed-out'));
      const code: ProblemCode = status === 401 ? 'token-invalid' : 'scope';
      if (status === 429) return;
      refusals.add(code);
      audit({ event: 'token.refused', code, route: `${policy.method} ${policy.path}` }, request);
    },
  };
};
