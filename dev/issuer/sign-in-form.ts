import { errors, type Provider } from 'oidc-provider';
import type { Context, Middleware } from './middleware.ts';
import { messagePage, signInPage } from './pages.ts';
import { passwordFits, personByLogin } from './people.ts';

const formBytesMax = 8 * 1024;
const refused = 'This login and password do not go together. Pick a person above and type their login as the password.';

/** The page at `/interaction/:uid`: asks who signs in and lets the provider go on. */
export function signInForm(provider: Provider, publicUrl: string, { hasMails = false } = {}): Middleware {
  return async (ctx, next) => {
    if (!/^\/interaction\/[\w-]+$/.test(ctx.path)) return next();
    if (ctx.method !== 'GET' && ctx.method !== 'POST') return ctx.throw(405);
    ctx.set('Cache-Control', 'no-store');
    ctx.type = 'html';
    try {
      await answer(provider, ctx, hasMails);
    } catch (error) {
      if (!(error instanceof errors.SessionNotFound)) throw error;
      ctx.status = 400;
      ctx.body = messagePage({
        title: 'This sign-in has ended',
        text: 'It was used already, or it waited for too long.',
        link: { href: `${publicUrl}/`, text: 'Go back to ChatApp and start again' },
      });
    }
  };
}

async function answer(provider: Provider, ctx: Context, hasMails: boolean): Promise<void> {
  const { prompt, params } = await provider.interactionDetails(ctx.req, ctx.res);
  // Only a client that asks for it gets here: the grant itself exists already, and there is nobody else to ask.
  if (prompt.name === 'consent') return goOn(ctx, await provider.interactionResult(ctx.req, ctx.res, { consent: {} }));
  if (ctx.method === 'GET') {
    const picked = ctx.query.login ?? params.login_hint;
    ctx.body = signInPage({ action: ctx.path, login: typeof picked === 'string' ? picked : '', hasMails });
    return;
  }
  await signIn(provider, ctx);
}

async function signIn(provider: Provider, ctx: Context): Promise<void> {
  // Another page, also one on another port of this host, must not sign a person in under a name of its choice.
  if (!['', 'none', 'same-origin'].includes(ctx.get('Sec-Fetch-Site'))) return ctx.throw(403);
  const form = await readForm(ctx);
  const login = form.get('login') ?? '';
  const person = personByLogin(login);
  if (!person || !passwordFits(person, form.get('password') ?? '')) {
    ctx.status = 422;
    ctx.body = signInPage({ action: ctx.path, login, error: refused });
    return;
  }
  goOn(ctx, await provider.interactionResult(ctx.req, ctx.res, { login: { accountId: person.sub } }));
}

function goOn(ctx: Context, location: string): void {
  ctx.status = 303;
  ctx.redirect(location);
}

async function readForm(ctx: Context): Promise<URLSearchParams> {
  if (!ctx.is('application/x-www-form-urlencoded')) return ctx.throw(415);
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of ctx.req as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > formBytesMax) return ctx.throw(413);
    chunks.push(chunk);
  }
  return new URLSearchParams(Buffer.concat(chunks).toString('utf8'));
}
