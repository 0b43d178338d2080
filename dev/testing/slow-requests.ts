import { connect, type Socket } from 'node:net';
import { statusOf } from './raw-request.ts';

/** How a request is slow: a header a second, a byte of its body a second, or an answer that nobody reads. */
export type Slowness = 'headers' | 'body' | 'read';

export interface SlowRequest {
  readonly slowness: Slowness;
  /** Seconds until the other side was seen to have hung up. */
  readonly cut: Promise<number>;
  stop(): void;
}

export interface SlowRequestOptions {
  /** What nobody reads the answer of. */
  readonly path?: string | undefined;
  /** The head of what drips, without the empty line; else somebody's who is signed in nowhere. */
  readonly head?: string | undefined;
}

/** Opens a request that takes for ever, as slowhttptest does with -H, -B and -X. */
export const openSlowRequest = (url: string, slowness: Slowness, options: SlowRequestOptions = {}): SlowRequest => {
  const startedAt = performance.now();
  const socket = dial(url, () => socket.write(beginning(url, slowness, options)));
  socket.on('data', () => undefined);
  const timer = slowness === 'read' ? readLate(socket) : setInterval(() => drip(socket, slowness), 1000);
  const cut = new Promise<number>((resolve) =>
    socket.on('close', () => {
      clearTimeout(timer);
      resolve((performance.now() - startedAt) / 1000);
    }),
  );
  return { slowness, cut, stop: () => socket.destroy() };
};

const dial = (url: string, opened: () => void): Socket => {
  const socket = connect(Number(new URL(url).port), '127.0.0.1', opened);
  socket.on('error', () => undefined);
  return socket;
};

/** So many answers that no buffer on the way holds them, where one is a hundred kilobytes. */
const unreadAnswers = 100;

const beginning = (url: string, slowness: Slowness, { path = '/', head }: SlowRequestOptions): string => {
  const host = `Host: ${new URL(url).host}\r\n`;
  const post = head ?? `POST /conversations HTTP/1.1\r\n${host}Content-Type: application/json\r\n`;
  switch (slowness) {
    case 'headers':
      return post;
    case 'body':
      return `${post}Content-Length: 60000\r\n\r\n`;
    case 'read':
      return `GET ${path} HTTP/1.1\r\n${host}\r\n`.repeat(unreadAnswers);
    default:
      return slowness satisfies never;
  }
};

const drip = (socket: Socket, slowness: Exclude<Slowness, 'read'>): void =>
  void socket.write(slowness === 'headers' ? `X-${Math.random().toString(36).slice(2)}: x\r\n` : ' ');

const unreadMs = 35_000;

/** Who reads nothing does not see the end either: so it looks after a while. Where it was not cut, the other answers come then. */
const readLate = (socket: Socket): Timer => {
  socket.pause();
  return setTimeout(() => socket.resume(), unreadMs);
};

export interface Upload {
  /** Of the answer; 0 where there was none. */
  readonly status: number;
  readonly sentBytes: number;
  readonly seconds: number;
}

const gigabyte = 1_073_741_824;

/** Sends a body of a gigabyte as fast as it is taken, whatever is answered meanwhile, until the other side hangs up. `head` ends without the empty line. */
export const uploadGigabyte = (url: string, head: string, framing: 'length' | 'chunked'): Promise<Upload> => {
  const piece = 'x'.repeat(65_536);
  const wire = Buffer.from(framing === 'length' ? piece : `10000\r\n${piece}\r\n`);
  const how = framing === 'length' ? `Content-Length: ${gigabyte}` : 'Transfer-Encoding: chunked';
  return upload(url, `${head}${how}\r\n\r\n`, (socket, ended) => {
    const pump = () => {
      while (!ended() && socket.bytesWritten < gigabyte) if (!socket.write(wire)) return;
      if (!ended()) socket.end();
    };
    socket.on('drain', pump);
    pump();
  });
};

/** Sends a body of its length evenly over so many seconds, on a connection that ends with the answer. */
export const uploadSlowly = (url: string, head: string, { body, seconds }: { body: string; seconds: number }) =>
  upload(url, `${head}Connection: close\r\nContent-Length: ${body.length}\r\n\r\n`, (socket, ended) => {
    const pieces = seconds * 4;
    let sent = 0;
    const timer = setInterval(() => {
      sent++;
      socket.write(
        body.slice(Math.floor((body.length * (sent - 1)) / pieces), Math.floor((body.length * sent) / pieces)),
      );
      if (sent >= pieces || ended()) clearInterval(timer);
    }, 250);
  });

const uploadMaxMs = 45_000;

const upload = (url: string, head: string, send: (socket: Socket, ended: () => boolean) => void): Promise<Upload> =>
  new Promise((resolve) => {
    const startedAt = performance.now();
    let received = '';
    let isOver = false;
    const socket = dial(url, () => {
      socket.write(head);
      send(socket, () => isOver);
    });
    socket.setTimeout(uploadMaxMs, () => socket.destroy());
    socket.on('data', (data) => {
      received += data.toString('latin1');
    });
    socket.on('close', () => {
      isOver = true;
      const seconds = (performance.now() - startedAt) / 1000;
      resolve({ status: statusOf(received), sentBytes: socket.bytesWritten, seconds });
    });
  });
