import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type JWK, SignJWT } from 'jose';
import { reapFolder } from '../../../dev/testing/reaper.ts';

type Claims = Record<string, unknown>;

/** An issuer of a test's own, which says what it is told to: the real one never lies. */
export interface RogueIssuer {
  readonly issuer: string;
  /** The file of the client's private key. */
  readonly clientKeyFile: string;
  /** What was posted to /token, /par and /revoke. */
  readonly asked: { readonly path: string; readonly form: URLSearchParams; readonly headers: Headers }[];
  /** Fetches of /jwks. */
  readonly keyFetches: number;
  /** Signs by its own key unless another is given; `iss`, `aud`, `sub`, `iat`, `exp` are good unless said. */
  sign(claims: Claims, header?: Claims, key?: CryptoKey): Promise<string>;
  /** Publishes another key in place of the one before; answers the new one, whose id it is told. */
  rotate(kid: string): Promise<CryptoKey>;
  /** What /token answers beside an access token. */
  say(answer: Claims): void;
  /** What it does from now on before /token answers. */
  beforeAnswer(act: () => Promise<unknown>): void;
  /** What /par answers in place of a reference: `status` and an error. Nothing: a reference again. */
  refusePushed(answer?: Claims): void;
  /** Changes its discovery document. */
  describe(more: Claims): void;
  stop(): Promise<void>;
}

const endpoints = ['/token', '/par', '/revoke'];

export const startRogueIssuer = async (): Promise<RogueIssuer> => {
  const pair = () => crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify']);
  const [keys, clientKeys] = await Promise.all([pair(), pair()]);
  let publicKey = { ...(await crypto.subtle.exportKey('jwk', keys.publicKey)), kid: 'k', alg: 'ES256' } as JWK;
  const clientKey = { ...(await crypto.subtle.exportKey('jwk', clientKeys.privateKey)), kid: 'c', alg: 'ES256' };
  const folder = mkdtempSync(join(tmpdir(), 'chatapp-rogue-'));
  reapFolder(folder);
  const clientKeyFile = join(folder, 'client.jwk.json');
  writeFileSync(clientKeyFile, JSON.stringify(clientKey));

  const asked: RogueIssuer['asked'] = [];
  let keyFetches = 0;
  let said: Claims = {};
  let act = async (): Promise<unknown> => undefined;
  let described: Claims = {};
  const reference: Claims = { status: 201, request_uri: 'urn:x', expires_in: 60 };
  let pushed = reference;
  const server = Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    async fetch(request): Promise<Response> {
      const { pathname } = new URL(request.url);
      if (pathname === '/jwks') {
        keyFetches++;
        return Response.json({ keys: [publicKey] });
      }
      if (!endpoints.includes(pathname)) return Response.json({ ...metadata, ...described });
      asked.push({ path: pathname, form: new URLSearchParams(await request.text()), headers: request.headers });
      if (pathname === '/par') {
        const { status: pushedStatus, ...told } = pushed;
        return Response.json(told, { status: Number(pushedStatus) });
      }
      if (pathname === '/revoke') return new Response();
      await act();
      const { status = 200, ...answer } = said;
      const tokens = { access_token: 'at', token_type: 'Bearer', expires_in: 60, refresh_token: 'rt' };
      return Response.json(status === 200 ? { ...tokens, ...answer } : answer, { status: Number(status) });
    },
  });
  const issuer: string = `http://localhost:${server.port}`;
  const metadata = {
    issuer,
    jwks_uri: `${issuer}/jwks`,
    authorization_endpoint: `${issuer}/auth`,
    token_endpoint: `${issuer}/token`,
    id_token_signing_alg_values_supported: ['ES256'],
    authorization_response_iss_parameter_supported: true,
  };
  return {
    issuer,
    clientKeyFile,
    asked,
    get keyFetches() {
      return keyFetches;
    },
    async sign(claims, header = {}, key = keys.privateKey) {
      const now = Math.floor(Date.now() / 1000);
      return await new SignJWT({ iss: issuer, aud: 'bff', sub: 'p-1', iat: now, exp: now + 60, ...claims })
        .setProtectedHeader({ alg: 'ES256', kid: 'k', ...header })
        .sign(key);
    },
    async rotate(kid) {
      const { publicKey: next, privateKey } = await pair();
      publicKey = { ...(await crypto.subtle.exportKey('jwk', next)), kid, alg: 'ES256' } as JWK;
      return privateKey;
    },
    say(answer) {
      said = answer;
    },
    beforeAnswer(next) {
      act = next;
    },
    refusePushed(answer = reference) {
      pushed = answer;
    },
    describe(more) {
      described = more;
    },
    stop: () => server.stop(true),
  };
};
