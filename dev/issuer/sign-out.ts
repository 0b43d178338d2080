import type { KoaContextWithOIDC } from 'oidc-provider';
import type { Middleware } from './middleware.ts';

/**
 * Signs out at once, without a page between, whoever is proven by an `id_token_hint`, and whoever has no session anyway.
 * The provider's own way is a form that the person, or a script, posts: here the server posts it to itself.
 */
export function signOutAtOnce(selfUrl: string, fetch: typeof globalThis.fetch): Middleware {
  return async (context, next) => {
    await next();
    const ctx = context as KoaContextWithOIDC;
    const secret = ctx.oidc?.session?.state?.secret;
    if (typeof secret !== 'string' || !mayConfirm(ctx)) return;
    const answer = await fetch(new URL('/session/end/confirm', selfUrl), {
      method: 'POST',
      redirect: 'manual',
      headers: { cookie: cookiesAfter(ctx) },
      body: new URLSearchParams({ xsrf: secret, logout: 'yes' }),
    });
    const location = answer.headers.get('location');
    if (!location) throw new Error(`the logout was not confirmed: ${answer.status}`);
    ctx.body = null;
    ctx.status = 303;
    ctx.append('Set-Cookie', answer.headers.getSetCookie());
    ctx.redirect(location);
  };
}

function mayConfirm(ctx: KoaContextWithOIDC): boolean {
  if (ctx.status !== 200) return false;
  // Another person signs in where somebody is signed in: the provider ends that session first, and then comes back.
  if (ctx.oidc.route === 'resume') return ctx.oidc.session?.state?.postLogoutRedirectUri === ctx.href;
  if (ctx.oidc.route !== 'end_session') return false;
  const accountId = ctx.oidc.session?.accountId;
  return accountId === undefined || ctx.oidc.entities.IdTokenHint?.payload.sub === accountId;
}

/** The cookies that the browser would send next: those of its request under those that this answer sets. */
function cookiesAfter(ctx: KoaContextWithOIDC): string {
  const jar = new Map<string, string>();
  const put = (pair: string) => jar.set(pair.slice(0, pair.indexOf('=')).trim(), pair);
  for (const pair of ctx.get('cookie').split(';')) put(pair.trim());
  const set = ctx.response.headers['set-cookie'] ?? [];
  for (const cookie of Array.isArray(set) ? set : [set]) put(String(cookie).split(';', 1)[0] ?? '');
  return [...jar.values()].filter(Boolean).join('; ');
}
