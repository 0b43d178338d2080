import { connect, createServer, type Socket } from 'node:net';

/**
 * One side of a WebSocket, by bytes: sends a text every millisecond for as long as it is connected, whatever it sent or got before. A library would fall
 * silent after a close, and would not show what came behind one. One that only listens sends nothing by itself, and shows all that came as well.
 */
export interface RudeSocket {
  /** The opcodes of the frames that came, in order: 1 text, 8 close. */
  opcodes(): number[];
  /** The code of the first close that came; undefined while there is none. */
  closeCode(): number | undefined;
  sendClose(code: number): void;
  /** Resolves when the connection is gone. */
  readonly gone: Promise<void>;
  destroy(): void;
}

export const opcode = { text: 1, close: 8 } as const;

const maskingKey = Buffer.from([1, 2, 3, 4]);

const encode = (code: number, payload: Buffer, isMasked: boolean): Buffer => {
  const head = Buffer.from([0x80 | code, payload.length | (isMasked ? 0x80 : 0)]);
  if (!isMasked) return Buffer.concat([head, payload]);
  const masked = payload.map((byte, place) => byte ^ (maskingKey[place % 4] ?? 0));
  return Buffer.concat([head, maskingKey, masked]);
};

/** Of frames that are shorter than 126 bytes; what is cut at the end is left out. */
const decode = (bytes: Buffer): { code: number; payload: Buffer }[] => {
  const frames: { code: number; payload: Buffer }[] = [];
  for (let at = 0; at + 2 <= bytes.length; ) {
    const [first = 0, second = 0] = bytes.subarray(at);
    const keyLength = second & 0x80 ? 4 : 0;
    const start = at + 2 + keyLength;
    const payload = bytes.subarray(start, start + (second & 0x7f));
    const key = bytes.subarray(at + 2, start);
    frames.push({ code: first & 0x0f, payload: payload.map((byte, place) => byte ^ (key[place % 4] ?? 0)) as Buffer });
    at = start + (second & 0x7f);
  }
  return frames;
};

interface Manners {
  readonly onlyListens?: boolean;
}

const speak = (
  socket: Socket,
  isMasked: boolean,
  { onlyListens = false }: Manners,
): RudeSocket & { take(bytes: Buffer): void } => {
  let came = Buffer.alloc(0);
  const gone = Promise.withResolvers<void>();
  const talk = () => socket.write(encode(opcode.text, Buffer.from('"on and on"'), isMasked));
  const timer = onlyListens ? undefined : setInterval(talk, 1);
  socket.on('close', () => {
    clearInterval(timer);
    gone.resolve();
  });
  socket.on('error', () => undefined);
  return {
    opcodes: () => decode(came).map(({ code }) => code),
    closeCode: () =>
      decode(came)
        .find(({ code }) => code === opcode.close)
        ?.payload.readUInt16BE(0),
    sendClose: (code) => void socket.write(encode(opcode.close, Buffer.from([code >> 8, code & 0xff]), isMasked)),
    gone: gone.promise,
    destroy: () => socket.destroy(),
    take(bytes) {
      came = Buffer.concat([came, bytes]);
    },
  };
};

/** Takes what comes after the head of a handshake. */
const afterHead = (socket: Socket, begin: (head: string) => { take(bytes: Buffer): void }) => {
  let head = Buffer.alloc(0);
  let side: { take(bytes: Buffer): void } | undefined;
  socket.on('data', (bytes) => {
    if (side !== undefined) return side.take(bytes as Buffer);
    head = Buffer.concat([head, bytes as Buffer]);
    const end = head.indexOf('\r\n\r\n');
    if (end < 0) return;
    side = begin(head.subarray(0, end).toString('latin1'));
    side.take(head.subarray(end + 4));
  });
};

/** A service that lets every socket in and is rude to it. */
export const startRudeService = async (manners: Manners = {}) => {
  const opened = Promise.withResolvers<RudeSocket>();
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    afterHead(socket, (head) => {
      const key = /^sec-websocket-key: (.*)$/im.exec(head)?.[1];
      if (key === undefined) {
        socket.end('HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
        return { take: () => undefined };
      }
      // RFC 6455 §4.2.2.
      const accept = new Bun.CryptoHasher('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
      socket.write(
        `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
      );
      const side = speak(socket, false, manners);
      opened.resolve(side);
      return side;
    });
  });
  const listening = Promise.withResolvers<void>();
  server.listen(0, '127.0.0.1', listening.resolve);
  await listening.promise;
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the service has no port');
  return { url: `http://127.0.0.1:${address.port}`, opened: opened.promise, stop: () => server.close() };
};

/** A browser whose handshake is let in, and that is rude from then on. */
export const openRudeBrowser = (
  url: string,
  headers: Record<string, string>,
  manners: Manners = {},
): Promise<RudeSocket> =>
  new Promise((resolve, reject) => {
    const { host, port, pathname, search } = new URL(url);
    const socket = connect(Number(port), '127.0.0.1', () => {
      const lines = {
        host,
        connection: 'Upgrade',
        upgrade: 'websocket',
        'sec-websocket-version': '13',
        'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
        ...headers,
      };
      const fields = Object.entries(lines).map(([name, value]) => `${name}: ${value}\r\n`);
      socket.write(`GET ${pathname}${search} HTTP/1.1\r\n${fields.join('')}\r\n`);
    });
    socket.on('error', reject);
    afterHead(socket, (head) => {
      if (!head.startsWith('HTTP/1.1 101')) reject(new Error(head));
      const side = speak(socket, true, manners);
      resolve(side);
      return side;
    });
  });
