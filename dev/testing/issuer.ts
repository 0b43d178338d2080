import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { clientCredentials, codeFlowTokens } from '../issuer/sign-in.ts';
import { answersReady, issuerLaunch, issuerUrl } from '../issuer-part.ts';
import { ensureClientKeys, keyFileOf } from '../keys.ts';
import { freePort } from '../ports.ts';
import { type Started, startReady } from './started.ts';
import { temporaryFolder } from './temporary.ts';

export type TestIssuer = {
  /** Its name, and the URL where it answers. */
  issuer: string;
  alias: 'local';
  /** The private key file of a client: bff, conversations, messages, realtime or bot. */
  keyFile(clientId: string): string;
  /** Signs ann, bob, carol, dave or eve in through the forms and answers the access token for `urn:chatapp:api`. */
  personToken(login: string): Promise<string>;
  /** An access token of a machine, by client_credentials. */
  machineToken(clientId: string, audience: string, scopes: readonly string[]): Promise<string>;
  stop(): Promise<void>;
  /** `kill -9`, at once. */
  kill(): void;
  /** After `stop` or `kill`: on the same port, with the same data. */
  start(): Promise<void>;
};

export type TestIssuerOptions = {
  /** The origin of the BFF under test; people are sent back there. */
  publicUrl?: string;
  /** Further settings of the issuer's process. */
  env?: Record<string, string>;
};

/** The real issuer as a process of the caller's own, with data that is thrown away. */
export async function testIssuer(options: TestIssuerOptions = {}): Promise<TestIssuer> {
  const { publicUrl = 'http://localhost:3000', env = {} } = options;
  const root = temporaryFolder('issuer');
  const folder = join(root, 'data');
  const keysDir = join(root, 'keys');
  await mkdir(folder);
  await ensureClientKeys(keysDir);
  const port = await freePort();
  const issuer = issuerUrl(port);
  const launch = issuerLaunch({ port, folder, keysDir, publicUrl }, { ...process.env, TEST_CONTROLS: '1', ...env });
  const start = (): Promise<Started> => startReady(launch, join(root, 'log'), () => answersReady(issuer));
  let running = await start();
  const keyFile = (clientId: string): string => keyFileOf(keysDir, clientId);
  return {
    issuer,
    alias: 'local',
    keyFile,
    personToken: async (login) => {
      const redirectUri = `${publicUrl}/bff/callback`;
      return (await codeFlowTokens({ issuer, keyFile: keyFile('bff'), login, redirectUri })).accessToken;
    },
    machineToken: (clientId, audience, scopes) =>
      clientCredentials({ issuer, clientId, keyFile: keyFile(clientId), audience, scopes }),
    stop: () => running.stop(),
    kill: () => running.kill(),
    start: async () => {
      await running.stop();
      running = await start();
    },
  };
}
