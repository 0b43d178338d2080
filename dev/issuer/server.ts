import type { JWK } from 'jose';
import type { Provider } from 'oidc-provider';
import { clientIds, readPublicKey } from '../keys.ts';
import { serveAssets } from './assets.ts';
import { clientMetadata } from './clients.ts';
import { openDatabase } from './database.ts';
import { answerWithHabits } from './habits.ts';
import { createKeyStore } from './key-store.ts';
import { closeServer, listen } from './listen.ts';
import { showMails } from './mails.ts';
import type { Middleware } from './middleware.ts';
import { createProvider } from './provider.ts';
import type { Settings } from './settings.ts';
import { signInForm } from './sign-in-form.ts';
import { signOutAtOnce } from './sign-out.ts';
import { createTokenStore } from './token-store.ts';

const sweepEveryMs = 10 * 60 * 1000;

/** What happened, for the log: never with a token or a password. */
export type Log = (event: string, fields?: Record<string, unknown>) => void;

/** A running issuer. */
export type Issuer = {
  /** Stops listening, lets go of open connections and closes the database. */
  stop(): Promise<void>;
};

/** Starts the issuer: its database, its keys, its pages and the sockets that it listens on. */
export async function startIssuer(settings: Settings, log: Log): Promise<Issuer> {
  const clients = clientMetadata(settings.publicUrl, await readPublicKeys(settings.keysDir));
  const nowSeconds = () => Math.floor(Date.now() / 1000);
  const database = openDatabase(settings.dataDir);
  const keys = createKeyStore(database);
  const tokens = createTokenStore(database, nowSeconds);
  const assets = await serveAssets();
  const selfUrl = `http://${settings.hosts[0]?.includes(':') ? `[${settings.hosts[0]}]` : settings.hosts[0]}:${settings.port}`;

  let handle = await loadHandler();

  /** A provider knows its keys from the start, so new keys mean a new provider; nothing else of it is in memory. */
  async function loadHandler() {
    const provider = createProvider({
      ...settings,
      nowSeconds,
      clients,
      adapter: tokens.adapter,
      signingKeys: await keys.signingKeys(),
      cookieKeys: keys.cookieKeys(),
    });
    logEvents(provider, log);
    provider.use(health);
    provider.use(noteKeyReads(log));
    provider.use(securityHeaders(settings.publicUrl));
    if (settings.testControls) provider.use(testControls(rotateKeys));
    if (settings.habit !== undefined) {
      provider.use(answerWithHabits(settings.habit, `${settings.publicUrl}/bff/callback`));
    }
    provider.use(assets);
    if (settings.mailDir !== undefined) provider.use(showMails(settings.mailDir, settings.issuer));
    provider.use(signInForm(provider, settings.publicUrl, { hasMails: settings.mailDir !== undefined }));
    provider.use(signOutAtOnce(selfUrl, fetch));
    return provider.callback();
  }

  async function rotateKeys(): Promise<void> {
    await keys.rotate();
    handle = await loadHandler();
  }

  const servers = await listen(settings, (request, response) => void handle(request, response));
  tokens.sweep();
  const sweeper = setInterval(tokens.sweep, sweepEveryMs);
  return {
    async stop() {
      clearInterval(sweeper);
      await Promise.all(servers.map(closeServer));
      database.close();
    },
  };
}

async function readPublicKeys(keysDir: string): Promise<ReadonlyMap<string, JWK>> {
  try {
    return new Map(await Promise.all(clientIds.map(async (id) => [id, await readPublicKey(keysDir, id)] as const)));
  } catch (cause) {
    throw new Error(
      `The issuer cannot read a client's key. Make them with ensureClientKeys, or mend KEYS_DIR: ${cause}`,
      { cause },
    );
  }
}

const health: Middleware = async (ctx, next) => {
  if (ctx.path !== '/health/ready' && ctx.path !== '/health/live') return next();
  ctx.body = { status: 'ok' };
};

/** Services read the keys seldom, whatever tokens they are shown: how often shows here. */
const noteKeyReads =
  (log: Log): Middleware =>
  async (ctx, next) => {
    if (ctx.path === '/jwks') log('keys.read');
    await next();
  };

function testControls(rotateKeys: () => Promise<void>): Middleware {
  return async (ctx, next) => {
    if (ctx.method !== 'POST' || ctx.path !== '/test/rotate-keys') return next();
    await rotateKeys();
    ctx.status = 204;
  };
}

/** No page of the issuer runs a script, is framed, or posts to anywhere but here and, by redirect, to the BFF. */
function securityHeaders(publicUrl: string): Middleware {
  const policy = [
    "default-src 'none'",
    "style-src 'self'",
    "font-src 'self'",
    "img-src 'self'",
    `form-action 'self' ${new URL(publicUrl).origin}`,
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
  return async (ctx, next) => {
    ctx.set({
      'Content-Security-Policy': policy,
      'X-Content-Type-Options': 'nosniff',
      'Referrer-Policy': 'no-referrer',
    });
    await next();
  };
}

function logEvents(provider: Provider, log: Log): void {
  provider.on('server_error', (ctx, error) => log('server_error', { path: ctx.path, error: error.stack }));
  provider.on('grant.success', (ctx) => log('grant.success', { client: ctx.oidc.client?.clientId }));
  provider.on('grant.error', (ctx, error) =>
    log('grant.error', {
      client: ctx.oidc.client?.clientId,
      error: error.message,
      description: error.error_detail ?? error.error_description,
    }),
  );
  provider.on('authorization.error', (ctx, error) =>
    log('authorization.error', {
      client: ctx.oidc.client?.clientId,
      error: error.message,
      description: error.error_detail ?? error.error_description,
    }),
  );
  provider.on('backchannel.error', (_ctx, error, client) =>
    log('backchannel.error', { client: client.clientId, error: error.message }),
  );
}
