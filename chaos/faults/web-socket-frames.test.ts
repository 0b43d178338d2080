import { describe, expect, it } from 'bun:test';
import { holdsWholeTextFrames } from './web-socket-frames.ts';

const frame = (length: number, first = 0x81) => {
  const header = length < 126 ? [first, 0x80 | length] : [first, 0xfe, length >> 8, length & 0xff];
  return [...header, 1, 2, 3, 4, ...new Array<number>(length).fill(65)];
};
const holds = (...bytes: number[]) => holdsWholeTextFrames(Uint8Array.from(bytes));

describe('holdsWholeTextFrames', () => {
  it('knows one frame, several, and a longer one', () => {
    expect(holds(...frame(5))).toBe(true);
    expect(holds(...frame(5), ...frame(300))).toBe(true);
  });

  it('refuses a part, a ping, an unmasked frame and an HTTP request', () => {
    expect(holds(...frame(5).slice(0, -1))).toBe(false);
    expect(holds(...frame(5), ...frame(9).slice(0, 4))).toBe(false);
    expect(holds(...frame(0, 0x89))).toBe(false);
    expect(holds(0x81, 5, 0, 0, 0, 0, 65, 65, 65, 65, 65)).toBe(false);
    expect(holdsWholeTextFrames(Buffer.from('GET /realtime HTTP/1.1\r\n\r\n'))).toBe(false);
    expect(holds()).toBe(false);
  });
});
