import { describe, expect, it } from 'bun:test';
import { FrameReader, textFrame } from './ws-frames.ts';

/** A frame as a server sends it: not masked. */
const serverFrame = (opcode: number, text: string): Buffer => {
  const payload = Buffer.from(text);
  const { length } = payload;
  if (length < 126) return Buffer.concat([Buffer.from([0x80 | opcode, length]), payload]);
  if (length < 65_536) return Buffer.concat([Buffer.from([0x80 | opcode, 126, length >> 8, length & 0xff]), payload]);
  const head = Buffer.from([0x80 | opcode, 127, 0, 0, 0, 0, 0, 0, 0, 0]);
  head.writeUInt32BE(length, 6);
  return Buffer.concat([head, payload]);
};

const readAll = (chunks: readonly Buffer[]) => {
  const seen = { texts: [] as string[], sent: [] as Buffer[], codes: [] as number[] };
  const reader = new FrameReader({
    onText: (payload) => seen.texts.push(payload.toString()),
    onClose: (code) => seen.codes.push(code),
    send: (frame) => seen.sent.push(frame),
  });
  for (const chunk of chunks) reader.take(chunk);
  return seen;
};

describe('FrameReader', () => {
  const texts = ['a', 'b'.repeat(126), 'c'.repeat(70_000), ''];
  const stream = Buffer.concat(texts.map((text) => serverFrame(1, text)));

  it('finds the frames of a stream, of every length', () => {
    expect(readAll([stream]).texts).toEqual(texts);
  });

  it('finds the same frames wherever the stream is cut', () => {
    for (const size of [1, 3, 7, 1000, 65_536]) {
      const chunks = Array.from({ length: Math.ceil(stream.length / size) }, (_, at) =>
        stream.subarray(at * size, (at + 1) * size),
      );
      expect(readAll(chunks).texts).toEqual(texts);
    }
  });

  it('answers a ping with its payload, and tells of a close', () => {
    const { sent, codes } = readAll([serverFrame(9, 'here'), Buffer.from([0x88, 2, 0x0f, 0xa1])]);
    expect(sent[0]).toEqual(Buffer.from([0x8a, 0x84, 0, 0, 0, 0, ...Buffer.from('here')]));
    expect(codes).toEqual([4001]);
  });
});

describe('textFrame', () => {
  it('is what a WebSocket server takes for the text, short and long', async () => {
    const got: string[] = [];
    const long = Promise.withResolvers<void>();
    const server = Bun.serve({
      port: 0,
      hostname: '127.0.0.1',
      fetch: (request, server) => (server.upgrade(request) ? undefined : new Response('no', { status: 400 })),
      websocket: {
        message(_socket, message) {
          got.push(String(message));
          if (got.length === 2) long.resolve();
        },
      },
    });
    const upgrade = `GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n`;
    const tcp = await Bun.connect({ hostname: '127.0.0.1', port: server.port ?? 0, socket: { data: () => undefined } });
    try {
      tcp.write(upgrade);
      tcp.write(Buffer.concat([textFrame('short'), textFrame('l'.repeat(500))]));
      await long.promise;
      expect(got).toEqual(['short', 'l'.repeat(500)]);
    } finally {
      tcp.terminate();
      await server.stop(true);
    }
  });
});
