import { describe, expect, it } from 'bun:test';
import { hasDoubledField } from './doubled-field.ts';

describe('hasDoubledField', () => {
  it.each(['host', 'content-length'])('S19: sees %s twice, with the same value too, however it is written', (name) => {
    const headers = new Headers([[name.toUpperCase(), '2']]);
    expect(hasDoubledField(headers)).toBe(false);
    headers.append(name, '2');
    expect(hasDoubledField(headers)).toBe(true);
  });

  it('takes what may come more than once', () => {
    const headers = new Headers([
      ['accept', 'text/html'],
      ['accept', 'application/json'],
    ]);
    expect(hasDoubledField(headers)).toBe(false);
    expect(hasDoubledField(new Headers())).toBe(false);
  });
});
