import { describe, expect, it } from 'bun:test';
import { framingRefusal } from './framing-refusal.ts';

describe('framingRefusal', () => {
  it.each(['host', 'content-length'])('S19: sees %s twice, with the same value too, however it is written', (name) => {
    const headers = new Headers([[name.toUpperCase(), '2']]);
    expect(framingRefusal(headers)).toBeUndefined();
    headers.append(name, '2');
    expect(framingRefusal(headers)).toBe('malformed');
  });

  it('takes what may come more than once', () => {
    const headers = new Headers([
      ['accept', 'text/html'],
      ['accept', 'application/json'],
    ]);
    expect(framingRefusal(headers)).toBeUndefined();
    expect(framingRefusal(new Headers())).toBeUndefined();
  });

  it('S44: sees a length that no route takes', () => {
    expect(framingRefusal(new Headers({ 'content-length': '1048576' }))).toBeUndefined();
    expect(framingRefusal(new Headers({ 'content-length': '1048577' }))).toBe('too-large');
    expect(framingRefusal(new Headers({ 'content-length': '9'.repeat(30) }))).toBe('too-large');
  });
});
