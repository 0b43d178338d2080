import { limits } from '@chatapp/contract/limits';
import { ProblemError } from '@chatapp/service/problem';
import type { WebSocket as UpstreamSocket } from 'bun';

export type ConnectSocket = (url: string, options: Bun.WebSocketOptions) => UpstreamSocket;

// The DOM's type of the global knows nothing of what Bun adds to it.
const BunWebSocket = WebSocket as unknown as new (url: string, options: Bun.WebSocketOptions) => UpstreamSocket;

export const connectSocket: ConnectSocket = (url, options) => new BunWebSocket(url, options);

/** How the service refused the handshake, by its status: no more of its answer is to be had, so that what it says besides is said again here. */
const refusals: Record<number, () => ProblemError> = {
  400: () => new ProblemError('malformed'),
  401: () => new ProblemError('token-invalid'),
  403: () => new ProblemError('origin'),
  429: () => new ProblemError('rate-limited', { retryAfterMs: 5000, policy: socketsPolicy }),
  503: () => new ProblemError('unavailable', { retryAfterMs: 1000 }),
};
const socketsPolicy = { name: 'sockets', limit: limits.socketsPerPersonMax };

export interface OpenOptions {
  readonly connect: ConnectSocket;
  readonly url: string;
  readonly headers: Record<string, string>;
  readonly signal: AbortSignal;
}

/** A connection was never made: another instance may be asked with the same ticket. */
export class NotConnectedError extends Error {
  override readonly name = 'NotConnectedError';
}

/**
 * Opens a socket at the service; resolves when it is open. `prepared` gets it before, because its first frames may come with the handshake's answer.
 * Rejects with ProblemError where the service refuses, NotConnectedError where there is none, the signal's reason when that aborts.
 */
export const openUpstream = <T>(options: OpenOptions, prepared: (socket: UpstreamSocket) => T): Promise<T> =>
  new Promise((resolve, reject) => {
    const socket = options.connect(options.url, { headers: options.headers, perMessageDeflate: false });
    const result = prepared(socket);
    const abort = () => {
      socket.terminate();
      reject(options.signal.reason);
    };
    options.signal.addEventListener('abort', abort, { once: true });
    const settled = () => options.signal.removeEventListener('abort', abort);
    socket.addEventListener('open', () => {
      settled();
      resolve(result);
    });
    socket.addEventListener('error', (event) => {
      settled();
      reject(faultOf('message' in event ? String(event.message) : ''));
    });
    socket.addEventListener('close', () => {
      settled();
      reject(new NotConnectedError('closed during the handshake'));
    });
  });

/** Bun tells the refusal's status in the message only. */
const faultOf = (message: string): Error => {
  const status = /Expected 101 status code: (\d{3})/.exec(message)?.[1];
  if (status === undefined) return new NotConnectedError('no connection to the service');
  return refusals[Number(status)]?.() ?? new ProblemError('upstream-unreachable');
};
