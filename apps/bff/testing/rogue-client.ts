import { silentLog } from '@chatapp/service/log';
import { createIssuerClient, type IssuerClient, type IssuerClientOptions } from '../src/login/issuer-client.ts';
import type { IssuerSettings } from '../src/login/issuer-settings.ts';
import type { RogueIssuer } from './rogue-issuer.ts';

/** The BFF as a client of that issuer, with usual settings but for `more`. */
export const rogueClient = (
  rogue: RogueIssuer,
  more: Partial<IssuerSettings> = {},
  { now = Date.now, random = () => 0 }: Partial<Pick<IssuerClientOptions, 'now' | 'random'>> = {},
): IssuerClient =>
  createIssuerClient({
    settings: {
      alias: 'rogue',
      name: 'Rogue',
      issuer: rogue.issuer,
      redirectUri: 'http://localhost:3000/bff/callback',
      clientId: 'bff',
      clientKeyFile: rogue.clientKeyFile,
      apiAudience: 'urn:chatapp:api',
      audienceParameter: 'both',
      scope: 'openid profile email offline_access',
      logoutTokenTyp: 'logout+jwt',
      ...more,
    },
    afterLogoutUri: 'http://localhost:3000/',
    fetch,
    now,
    random,
    log: silentLog(),
  });

export const rogueProof = { state: 'state', nonce: 'nonce', codeVerifier: 'v'.repeat(43) };

/** That issuer's answer to a sign-in with `rogueProof`, but for `more`. */
export const rogueAnswer = (rogue: RogueIssuer, more: Record<string, string> = {}): URLSearchParams =>
  new URLSearchParams({ code: 'code', state: rogueProof.state, iss: rogue.issuer, ...more });
