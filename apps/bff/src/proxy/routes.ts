import { limits } from '@chatapp/contract/limits';
import type { MachineScope, ServiceName } from '@chatapp/contract/scopes';

/** Whose access token goes along in place of the cookie. `user-or-machine`: the person's where somebody is signed in, else this app's own. */
export type TokenNeed = 'none' | 'user' | 'machine' | 'user-or-machine';

/** One row of the reverse proxy: what is below `prefix` goes to an instance of `service`, the prefix removed. */
export interface ProxyRoute {
  readonly prefix: string;
  readonly service: Exclude<ServiceName, 'bff'>;
  readonly methods: readonly string[];
  readonly token: TokenNeed;
  /** Of the machine's token. */
  readonly scopes?: readonly MachineScope[];
  readonly timeouts: {
    /** To a TCP connection, where nothing was heard of the instance lately. */
    readonly connectMs: number;
    /** From the whole request to the first byte of the answer, each attempt; all of them together have REQUEST_DEADLINE_MS. */
    readonly firstByteMs: number;
    /** The same for what is not sent again (POST, PATCH): given up early it would leave the person not knowing whether it was done. */
    readonly onceMs: number;
    /** The whole upload: a slow but honest one takes its time. */
    readonly uploadMs: number;
    /** The longest silence in an answer. */
    readonly activityMs: number;
  };
  /** Up to 64 KB a body is received whole before a service hears of it; a larger one streams, and takes a place among the route's requests as long as it lasts. */
  readonly bodyBytesMax: number;
  /** Of one session, or of one address without; besides the limits that all routes have. */
  readonly requestsPerMinute?: number;
  /** The request, `DELETE /me`, whose success is the end of the person's account: it ends their other sessions, this one signs out by itself. */
  readonly endsAccount?: string;
  /** What may be sent twice before the first byte of an answer; what reached no instance always may. */
  readonly retry: 'idempotent' | 'never';
}

const ofPeople = {
  methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
  token: 'user',
  timeouts: { connectMs: 1000, firstByteMs: 2000, onceMs: 8000, uploadMs: 30_000, activityMs: 30_000 },
  bodyBytesMax: limits.httpBodyBytesMax,
  retry: 'idempotent',
} as const satisfies Partial<ProxyRoute>;

/** All that a browser reaches behind the BFF; a host never comes from a request. */
export const proxyRoutes: readonly ProxyRoute[] = [
  { prefix: '/api/conversations', service: 'conversations', ...ofPeople, endsAccount: 'DELETE /me' },
  { prefix: '/api/messages', service: 'messages', ...ofPeople },
];
