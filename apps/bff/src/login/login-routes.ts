import type { Log } from '@chatapp/service/log';
import { ProblemError } from '@chatapp/service/problem';
import { Elysia } from 'elysia';
import { type BackchannelLogoutParts, backchannelLogout } from './backchannel-logout.ts';
import { type FinishLoginParts, finishLogin } from './finish-login.ts';
import { LoginRefusedError } from './issuer-client.ts';
import { pageResponse } from './page.ts';
import { type SignOutParts, signOut } from './sign-out.ts';
import { type StartLoginParts, startLogin } from './start-login.ts';

export type LoginParts = StartLoginParts & FinishLoginParts & SignOutParts & BackchannelLogoutParts & { log: Log };

/** A query value as it was sent: a route that a browser opens answers a page, never a validation problem. */
const queryOf = (request: Request, name: string): string | undefined =>
  new URL(request.url).searchParams.get(name) ?? undefined;

/** The pages that a browser opens to sign in and out, and the issuer's own call. These are navigations: no X-CSRF, and people read the errors. */
export const loginRoutes = (parts: LoginParts) =>
  new Elysia()
    .get(
      '/bff/login',
      ({ request }) => page(parts.log, () => startLogin(request, queryOf(request, 'returnTo'), parts)),
      {
        detail: {
          tags: ['sign-in'],
          summary: 'Starts signing in: redirects to the issuer; `returnTo` is a local path.',
          parameters: [{ name: 'returnTo', in: 'query', schema: { type: 'string' } }],
        },
      },
    )
    .get('/bff/callback', ({ request }) => page(parts.log, () => finishLogin(request, parts)), {
      detail: { tags: ['sign-in'], summary: 'Ends signing in: the issuer sends the browser here.' },
    })
    .get('/bff/logout', ({ request }) => page(parts.log, () => signOut(request, queryOf(request, 'sid'), parts)), {
      detail: {
        tags: ['sign-in'],
        summary: 'Ends the session here and at the issuer; `sid` as in `logoutUrl` of /bff/user.',
        parameters: [{ name: 'sid', in: 'query', schema: { type: 'string' } }],
      },
    })
    .post('/bff/backchannel-logout', ({ request }) => backchannelLogout(request, parts), {
      detail: { tags: ['sign-in'], summary: 'OIDC back-channel logout: the issuer ends sessions.' },
    });

const page = async (log: Log, work: () => Promise<Response>): Promise<Response> => {
  try {
    return await work();
  } catch (error) {
    if (error instanceof LoginRefusedError) {
      log.warn({ error }, 'signing in failed');
      return pageResponse({
        status: 400,
        code: 'login-failed',
        title: 'Signing in did not work',
        text: 'The sign-in was cancelled, took too long or was begun in another browser. Nothing has changed: just start again.',
        link: { href: '/bff/login', text: 'Sign in again' },
      });
    }
    if (error instanceof ProblemError && error.status === 503) {
      log.warn({ error }, 'signing in or out is not possible now');
      return pageResponse({
        status: 503,
        code: error.code,
        title: 'Not possible right now',
        text: 'A part of the service does not answer. Wait a moment, then try again.',
        link: { href: '/', text: 'Back to ChatApp' },
        retryAfterSeconds: Math.ceil((error.retryAfterMs ?? 5000) / 1000),
      });
    }
    throw error;
  }
};
