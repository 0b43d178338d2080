import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'bun:test';
import { connect } from 'node:net';
import { type Browser, type Stand, startStand } from '../../testing/harness.ts';

let stand: Stand;
let ann: Browser;
let relayed: string[];
let ended: PromiseWithResolvers<void>;
beforeAll(async () => {
  stand = await startStand();
  ann = await stand.signIn('ann');
}, 60_000);
afterAll(() => stand.stop());
beforeEach(() => {
  stand.mirror.clear();
  relayed = [];
  ended = Promise.withResolvers();
  stand.mirror.socket({ message: (_, frame) => relayed.push(String(frame)), close: () => ended.resolve() });
});

/** Bytes behind a handshake that is let in; resolves with what came back when the connection is gone. */
const sendFrames = (...bytes: number[]): Promise<string> =>
  new Promise((resolve, reject) => {
    const { host, port } = new URL(stand.url);
    const lines = [
      ...['GET /realtime?ticket=t HTTP/1.1', `Host: ${host}`, `Origin: ${stand.url}`, `Cookie: ${ann.cookie()}`],
      ...['Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13'],
      ...['Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==', 'Sec-WebSocket-Extensions: permessage-deflate', '', ''],
    ];
    const socket = connect(Number(port), '127.0.0.1', () => socket.write(lines.join('\r\n')));
    let came = '';
    socket.on('data', (data) => {
      const isFirst = came === '';
      came += data.toString('latin1');
      if (isFirst) socket.write(Buffer.from(bytes));
    });
    socket.on('error', reject);
    socket.on('close', () => resolve(came));
  });

const key = [0, 0, 0, 0];
const a = 0x61;

describe('a frame that is none', () => {
  it.each<[string, number[]]>([
    ['without a mask', [0x81, 1, a]],
    ['compressed, which nobody agreed to', [0xc1, 0x81, ...key, a]],
    ['with the second reserved bit', [0xa1, 0x81, ...key, a]],
    ['with the third reserved bit', [0x91, 0x81, ...key, a]],
    ['of a reserved kind', [0x83, 0x81, ...key, a]],
    ['of a reserved kind of control', [0x8b, 0x80, ...key]],
    ['a ping in fragments', [0x09, 0x81, ...key, a]],
    ['a ping that is too long', [0x89, 0xfe, 0, 126, ...key, ...Array(126).fill(a)]],
    ['a continuation of nothing', [0x80, 0x81, ...key, a]],
    ['another text within a text', [0x01, 0x81, ...key, a, 0x81, 0x81, ...key, a]],
    ['text that is no UTF-8', [0x81, 0x81, ...key, 0xff]],
    ['longer than all memory', [0x81, 0xff, 0x7f, ...Array(7).fill(0xff), ...key, a]],
    ['of a negative length', [0x81, 0xff, 0xff, ...Array(7).fill(0xff), ...key, a]],
  ])('S36: ends the socket on both sides, and goes no further: %s', async (_, bytes) => {
    const came = await sendFrames(...bytes);
    expect(came).toStartWith('HTTP/1.1 101');
    expect(came).not.toMatch(/sec-websocket-extensions/i);
    await ended.promise;
    expect(relayed).toEqual([]);
  });
});
