import { join } from 'node:path';
import { installDebian, mayInstallDebian } from '../../../dev/debian.ts';
import { freePort } from '../../../dev/ports.ts';
import { StartError } from '../../../dev/start-error.ts';
import { temporaryFolder } from '../../../dev/testing/temporary.ts';
import { makeFolder } from '../../system/foundation.ts';
import { StartedParts } from '../../system/started-parts.ts';
import { type Browsers, type ProxyContestant, proxyContestant } from '../contestant.ts';
import { haproxyConfiguration, nginxConfiguration } from './configurations.ts';

export type PeerName = 'nginx' | 'HAProxy' | 'Node http-proxy';

interface Peer {
  readonly program: string;
  /** Of Debian, where the program is not there yet. */
  readonly debianPackage: string;
  /** The command's arguments; may write a file into the folder first. */
  readonly arguments: (ports: { port: number; upstreamPort: number; folder: string }) => Promise<string[]>;
}

const peers: Record<PeerName, Peer> = {
  nginx: {
    ...{ program: 'nginx', debianPackage: 'nginx-light' },
    arguments: async (ports) => ['-c', await written(ports.folder, nginxConfiguration(ports))],
  },
  HAProxy: {
    ...{ program: 'haproxy', debianPackage: 'haproxy' },
    arguments: async (ports) => ['-db', '-f', await written(ports.folder, haproxyConfiguration(ports))],
  },
  'Node http-proxy': {
    ...{ program: 'node', debianPackage: 'nodejs' },
    arguments: async () => [join(import.meta.dir, 'http-proxy.mjs')],
  },
};

const written = async (folder: string, text: string): Promise<string> => {
  const path = join(folder, 'proxy.conf');
  await Bun.write(path, text);
  return path;
};

/** Starts a peer in front of a server. */
export const startPeer = async (
  name: PeerName,
  { upstreamPort, browsers }: { readonly upstreamPort: number; readonly browsers: Browsers },
): Promise<ProxyContestant> => {
  const peer = peers[name];
  const folder = temporaryFolder('bench-proxy-peer');
  const parts = new StartedParts(await makeFolder(folder));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const command = [await pathOf(peer), ...(await peer.arguments({ port, upstreamPort, folder }))];
  const env = {
    ...process.env,
    NODE_ENV: 'production',
    PORT: String(port),
    UPSTREAM: `http://127.0.0.1:${upstreamPort}`,
  };
  const launch = { command, cwd: folder, env, stopSignal: 'SIGTERM' as const };
  await parts.start({ name: peer.program, url, launch, isReady: () => answers(url) });
  return proxyContestant({ name, url, path: '/conversations', parts, browsers });
};

/** Where it is on PATH, or where Debian puts it; installed where that is allowed. */
const pathOf = async ({ program, debianPackage }: Peer): Promise<string> => {
  const find = () => Bun.which(program) ?? Bun.which(program, { PATH: '/usr/sbin:/sbin' });
  const found = find() ?? (mayInstallDebian() && (await installDebian(debianPackage)) ? find() : null);
  if (found !== null) return found;
  throw new StartError(
    `${program} is missing: it is one of the peers.`,
    `Install it (Debian: \`apt-get install ${debianPackage}\`).`,
  );
};

const answers = (url: string): Promise<boolean> =>
  fetch(url, { signal: AbortSignal.timeout(1000) }).then(
    ({ ok }) => ok,
    () => false,
  );
