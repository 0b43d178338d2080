import { createSocket } from 'node:dgram';
import { connect, createServer, isIPv6 } from 'node:net';
import { readJsonFile, writePrivateFile } from './private-file.ts';
import { StartError } from './start-error.ts';

// Below the range from which kernels take the ports of outgoing connections (32768 on Linux, 49152 on macOS): a part that
// is started again must find its port free.
const portMin = 20_000;
const portCount = 10_000;
const portMax = 65_535;

const pickAddress = '127.0.0.1';
// Another one, as the port of a start may be the pick of the process that began it: on Linux all of 127/8 is the machine's own,
// elsewhere ::1 is never missing.
const holdAddress = process.platform === 'linux' ? '127.0.0.2' : '::1';

/** Whether nothing listens on a loopback port, on IPv4 or IPv6, and we may listen there. */
export async function isPortFree(port: number): Promise<boolean> {
  return (await refusalOf(port)) === undefined && !(await answers(port, '::1'));
}

/** Refuses a port that `bun start` cannot listen on, and names another. */
export async function requirePort(port: number, refusal = refusalOf): Promise<void> {
  const code = await refusal(port);
  if (code === 'EACCES') {
    throw new StartError(
      `Port ${port} needs rights that you do not have here.`,
      'Choose a port of 1024 or more: PORT=8080 bun start.',
    );
  }
  if (code !== undefined || (await answers(port, '::1'))) throw inUse(port);
}

/**
 * As `requirePort`, and no other start gets it while this process lives. To look is not enough: processes that share a port can listen beside those of
 * another start.
 */
export async function holdPort(port: number): Promise<void> {
  await requirePort(port);
  if (!(await claim(port, holdAddress))) throw inUse(port);
}

const inUse = (port: number): StartError =>
  new StartError(
    `Port ${port} is in use by another program.`,
    `Stop that program, or choose another port: PORT=${port < portMax ? port + 1 : port - 1} bun start.`,
  );

/**
 * A loopback port on which nothing listens, and which no other program of ours is given while this process lives: between
 * the pick and the listening, or a stop and a start, somebody else would take it.
 */
export async function freePort(random: () => number = Math.random): Promise<number> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const port = portMin + Math.floor(random() * portCount);
    if ((await claim(port, pickAddress)) && (await isPortFree(port))) return port;
  }
  throw new StartError(
    `No free port between ${portMin} and ${portMin + portCount - 1}.`,
    'Stop some of the programs that listen on this machine.',
  );
}

/**
 * The port of each named part: picked once, then kept in a file, so that addresses outlive a restart.
 * A kept port that another program took meanwhile is picked anew, but not that of a `fixed` part, whose address is known outside.
 */
export async function keptPorts(
  file: string,
  names: readonly string[],
  fixed: readonly string[] = [],
): Promise<Record<string, number>> {
  const kept = parsePorts(await readJsonFile(file));
  const ports: Record<string, number> = { ...kept };
  for (const name of names) ports[name] = await portOf(name, kept[name], fixed.includes(name), file, ports);
  if (JSON.stringify(ports) !== JSON.stringify(kept)) {
    await writePrivateFile(file, `${JSON.stringify(ports, null, 2)}\n`);
  }
  return ports;
}

async function portOf(
  name: string,
  kept: number | undefined,
  isFixed: boolean,
  file: string,
  others: Record<string, number>,
): Promise<number> {
  if (kept !== undefined && (await isPortFree(kept))) return kept;
  if (kept !== undefined && isFixed) {
    throw new StartError(
      `Port ${kept}, which this data folder keeps for the ${name}, is in use by another program.`,
      `Stop that program. Or remove "${name}" from ${file}: the ${name} then gets a new address, and people sign in again.`,
    );
  }
  const taken = new Set(Object.values(others));
  for (;;) {
    const port = await freePort();
    if (!taken.has(port)) return port;
  }
}

function parsePorts(value: unknown): Record<string, number> {
  if (typeof value !== 'object' || value === null) return {};
  return Object.fromEntries(
    Object.entries(value).filter(([, port]) => Number.isInteger(port) && port > 0 && port <= portMax),
  );
}

/**
 * Whether the port is now this process’s own among those that ask here, at the same address. The UDP port of the same number says so,
 * which nothing of ours uses: the kernel gives it to one process, and takes it back however that process ends.
 */
function claim(port: number, address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4');
    socket.once('error', () => {
      socket.close();
      resolve(false);
    });
    socket.bind({ port, address, exclusive: true }, () => {
      socket.unref();
      resolve(true);
    });
  });
}

/** The system's code for why we cannot listen there, if we cannot. */
function refusalOf(port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', ({ code = 'unknown' }: NodeJS.ErrnoException) => resolve(code));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(undefined)));
  });
}

function answers(port: number, host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host });
    const settle = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(500, () => settle(false));
    socket.once('connect', () => settle(true));
    socket.once('error', () => settle(false));
  });
}
