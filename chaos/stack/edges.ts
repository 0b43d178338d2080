import type { Part } from '../../dev/supervisor.ts';
import { ChaosProxy } from '../proxy/proxy.ts';

/** A path between two parts, from the one that connects; `client` is everybody outside. */
export type Edge =
  | 'client>bff'
  | `bff>${'conversations' | 'messages' | 'realtime'}`
  | `realtime>${'bff' | 'conversations' | 'messages'}`
  | 'messages>conversations'
  | `${'bff' | 'conversations' | 'messages' | 'realtime'}>redis`
  | `${'conversations' | 'messages'}>postgres`;

/** Every path there is. */
export const allEdges: readonly Edge[] = [
  'client>bff',
  'bff>conversations',
  'bff>messages',
  'bff>realtime',
  'realtime>bff',
  'realtime>conversations',
  'realtime>messages',
  'messages>conversations',
  'bff>redis',
  'conversations>redis',
  'messages>redis',
  'realtime>redis',
  'conversations>postgres',
  'messages>postgres',
];

/** One process's way to one of another service. */
export interface Path {
  /** The process that connects; `client` for everybody outside. */
  readonly caller: string;
  readonly proxy: ChaosProxy;
}

/** The paths that a fault asks for, each through a proxy of its own; the other parts talk without one, which costs nothing. */
export type Edges = ReadonlyMap<Edge, readonly Path[]>;

const variables: Record<string, string> = {
  bff: 'BFF_URL',
  conversations: 'CONVERSATIONS_URL',
  messages: 'MESSAGES_URL',
  realtime: 'REALTIME_URL',
  redis: 'REDIS_URL',
  postgres: 'DATABASE_URL',
};

/** Puts proxies into the paths: the callers' environment then names a proxy in place of each process that they call. */
export const routeThroughProxies = (edges: readonly Edge[], parts: readonly Part[], random: () => number): Edges => {
  const routed = new Map<Edge, readonly Path[]>();
  for (const edge of edges.filter((each) => each !== 'client>bff')) {
    const [caller = '', callee = ''] = edge.split('>');
    const variable = variables[callee];
    const paths = parts
      .filter(({ name }) => kindOf(name) === caller)
      .flatMap((part) => reroute(part, variable, random));
    if (paths.length === 0) throw new Error(`${caller} has no address of ${callee}`);
    routed.set(edge, paths);
  }
  return routed;
};

const reroute = ({ name, launch }: Part, variable: string | undefined, random: () => number): Path[] => {
  const value = variable === undefined ? undefined : launch.env[variable];
  if (variable === undefined || value === undefined) return [];
  const ways = value.split(',').map((url) => ({ url, proxy: proxyTo(url, random) }));
  launch.env[variable] = ways.map(({ url, proxy }) => withPort(url, proxy.port)).join(',');
  return ways.map(({ proxy }) => ({ caller: name, proxy }));
};

const proxyTo = (url: string, random: () => number): ChaosProxy => {
  const { port } = new URL(url);
  return new ChaosProxy({ targets: [{ hostname: '127.0.0.1', port: Number(port) }], random });
};

const withPort = (url: string, port: number): string => {
  const changed = new URL(url);
  changed.hostname = '127.0.0.1';
  changed.port = String(port);
  // URL adds a slash to a bare origin, which the services' own joining does not expect.
  return url.endsWith('/') ? changed.href : changed.href.replace(/\/$/, '');
};

/** `messages-2` is a `messages`. */
export const kindOf = (name: string): string => name.replace(/-\d+$/, '');
