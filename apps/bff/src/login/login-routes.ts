import type { Log } from '@chatapp/service/log';
import { Elysia, t } from 'elysia';
import type { Audit } from '../audit/audit.ts';
import { type BackchannelLogoutParts, backchannelLogout } from './backchannel-logout.ts';
import { failureResponse } from './failed-login.ts';
import { type FinishLoginParts, finishLogin } from './finish-login.ts';
import { LoginRefusedError } from './issuer-errors.ts';
import { type OpenLoginParts, openLogin } from './open-login.ts';
import { type SignOutParts, signOut } from './sign-out.ts';

export type LoginParts = OpenLoginParts &
  FinishLoginParts &
  SignOutParts &
  BackchannelLogoutParts & { readonly log: Log; readonly audit: Audit };

const parameter = (name: string) => ({ name, in: 'query' as const, schema: { type: 'string' as const } });

/** The pages that a browser opens to sign in and out, and the issuers' own call. These are navigations: no X-CSRF, and people read the errors. */
export const loginRoutes = (parts: LoginParts) => {
  const [main] = parts.issuers.all;
  return new Elysia()
    .get('/bff/login', ({ request }) => page(request, parts, () => openLogin(request, parts)), {
      detail: {
        tags: ['sign-in'],
        summary:
          'Starts signing in: redirects to the issuer, or asks which; `returnTo` is a local path, `prompt=none` asks without a page.',
        parameters: ['returnTo', 'issuer', 'prompt'].map(parameter),
      },
    })
    .get('/bff/callback', ({ request }) => page(request, parts, () => finishLogin(request, main.alias, parts)), {
      detail: { tags: ['sign-in'], summary: 'Ends signing in: the main issuer sends the browser here.' },
    })
    .get(
      '/bff/callback/:issuer',
      ({ request, params }) => page(request, parts, () => finishLogin(request, params.issuer, parts)),
      {
        params: t.Object({ issuer: t.String() }),
        detail: { tags: ['sign-in'], summary: 'Ends signing in at a further issuer.' },
      },
    )
    .get('/bff/logout', ({ request }) => page(request, parts, () => signOut(request, parts)), {
      detail: {
        tags: ['sign-in'],
        summary:
          'Ends the session here and at the issuer; `sid` as in `logoutUrl` of /bff/user; `everywhere=true`: all of them, after signing in anew.',
        parameters: ['sid', 'everywhere'].map(parameter),
      },
    })
    .post('/bff/backchannel-logout', ({ request }) => backchannelLogout(request, parts), {
      detail: { tags: ['sign-in'], summary: 'OIDC back-channel logout: the issuer ends sessions.' },
    });
};

const page = async (
  request: Request,
  { log, audit }: Pick<LoginParts, 'log' | 'audit'>,
  work: () => Promise<Response>,
): Promise<Response> => {
  try {
    return await work();
  } catch (error) {
    const failure = failureResponse(request, error);
    if (failure === undefined) throw error;
    if (error instanceof LoginRefusedError) audit({ event: 'login.refused', reason: error.refusal }, request);
    log.warn({ error }, 'signing in or out failed');
    return failure;
  }
};
