import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { answersReady, issuerLaunch, issuerUrl } from '../../dev/issuer-part.ts';
import { ensureClientKeys, keyFileOf } from '../../dev/keys.ts';
import { freePort } from '../../dev/ports.ts';
import { signIn } from '../../dev/testing/person.ts';
import { temporaryFolder } from '../../dev/testing/temporary.ts';
import { inParallel } from '../load/parallel.ts';
import { makeFolder, startRedis } from '../system/foundation.ts';
import { StartedParts } from '../system/started-parts.ts';
import { type Browsers, type ProxyContestant, proxyContestant } from './contestant.ts';

const root = join(import.meta.dir, '../..');

/** Only limits that stand in the way of a saturated proxy are raised; everything else is as `bun start` has it. */
const settings = { REQUESTS_PER_MINUTE: '1000000', ADDRESS_REQUESTS_PER_MINUTE: '1000000', LOG_LEVEL: 'warn' };

export interface Edge {
  readonly contestant: ProxyContestant;
  readonly upstreamPort: number;
  readonly browsers: Browsers;
  stop(): Promise<void>;
}

/** Starts the server that everybody proxies, and the BFF in front of it with its Redis and issuer; people sign in. */
export const startEdge = async ({
  people,
  profileDir,
}: {
  readonly people: number;
  readonly profileDir?: string | undefined;
}): Promise<Edge> => {
  const folder = temporaryFolder('bench-proxy');
  const logs = await makeFolder(folder);
  const [keysDir, issuerDir] = [join(folder, 'keys'), join(folder, 'issuer')];
  await mkdir(issuerDir, { recursive: true });
  await ensureClientKeys(keysDir);
  const [port, issuerPort, upstreamPort] = [await freePort(), await freePort(), await freePort()];
  const url = `http://localhost:${port}`;
  const upstream = `http://127.0.0.1:${upstreamPort}`;
  const env = { ...process.env, ...settings, NODE_ENV: 'development', DATABASE_URL: undefined, OIDC_ISSUER: undefined };
  const [beside, parts] = [new StartedParts(logs), new StartedParts(logs)];
  const stop = async () => {
    await parts.stopAll();
    await beside.stopAll();
  };
  try {
    await beside.start({
      ...{ name: 'upstream', url: upstream, isReady: () => answersReady(upstream) },
      launch: {
        command: [process.execPath, join(import.meta.dir, 'upstream.ts')],
        ...{ cwd: root, env: { ...env, PORT: String(upstreamPort) }, stopSignal: 'SIGTERM' },
      },
    });
    await parts.start({
      ...{ name: 'issuer', url: issuerUrl(issuerPort), isReady: () => answersReady(issuerUrl(issuerPort)) },
      launch: issuerLaunch(
        { port: issuerPort, folder: issuerDir, keysDir, publicUrl: url },
        { ...env, EXTRA_PEOPLE: String(people) },
      ),
    });
    const redisUrl = await startRedis(parts, folder);
    const profiling =
      profileDir === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profileDir}`, '--cpu-prof-name=bff.cpuprofile'];
    await parts.start({
      ...{ name: 'bff', url, isReady: () => answersReady(url) },
      launch: {
        command: [process.execPath, ...profiling, '--no-env-file', 'apps/bff/src/main.ts'],
        cwd: root,
        env: {
          ...env,
          ...{ HOST: '127.0.0.1', PORT: String(port), PUBLIC_URL: url, ORIGINS: url, REDIS_URL: redisUrl },
          ...{
            OIDC_ISSUER: issuerUrl(issuerPort),
            OIDC_CLIENT_ID: 'bff',
            OIDC_CLIENT_KEY_FILE: keyFileOf(keysDir, 'bff'),
          },
          ...{ CONVERSATIONS_URL: upstream, MESSAGES_URL: upstream, REALTIME_URL: upstream },
          WEB_DIST: join(root, 'web/dist'),
        },
        stopSignal: 'SIGTERM',
      },
    });
    const browsers = await signedInBrowsers(url, people);
    const path = '/api/conversations/conversations';
    return {
      contestant: proxyContestant({ name: 'ChatApp', url, path, parts, browsers }),
      upstreamPort,
      browsers,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
};

/** What a browser sends along with every request of a page: cookie, `X-CSRF`, and where the page is from. */
const signedInBrowsers = async (url: string, count: number): Promise<Browsers> => {
  const logins = Array.from({ length: count }, (_, at) => `load-${String(at + 1).padStart(3, '0')}`);
  const signedIn = await inParallel(logins, 4, (login) => signIn(url, login));
  return signedIn.map(({ cookies }) => [
    `Cookie: ${cookies.header(url)}`,
    'X-CSRF: 1',
    `Origin: ${url}`,
    'Sec-Fetch-Site: same-origin',
    'Accept: application/json',
  ]);
};
