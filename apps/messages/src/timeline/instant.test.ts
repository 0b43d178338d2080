import { afterAll, beforeAll, describe, expect, it } from 'bun:test';
import { type TestMessages, testMessages } from '../testing/database.ts';
import { toInstant } from './instant.ts';

let messages: TestMessages;

beforeAll(async () => {
  messages = await testMessages();
});
afterAll(() => messages.close());

describe('toInstant', () => {
  it.each([
    ['2026-11-22 21:47:32+00', '2026-11-22T21:47:32.000Z'],
    ['2026-11-22 21:47:32.1+00', '2026-11-22T21:47:32.100Z'],
    ['2026-11-22 21:47:32.012+00', '2026-11-22T21:47:32.012Z'],
    ['2026-11-22 21:47:32.999999+00', '2026-11-22T21:47:32.999Z'],
    ['2026-11-22 23:47:32.5+02', '2026-11-22T21:47:32.500Z'],
    ['2026-11-22 21:47:32.5+00:30', '2026-11-22T21:17:32.500Z'],
  ])('%s is %s', (text, instant) => {
    expect(toInstant(text)).toBe(instant);
  });

  it('gives back each instant that the service writes', async () => {
    const instants = Array.from({ length: 2000 }, (_, at) =>
      new Date(1_763_845_000_000 + at * 7_777_777).toISOString(),
    );
    const rows = await messages.sql<
      { at: string }[]
    >`SELECT at FROM unnest(${instants}::timestamptz[]) WITH ORDINALITY AS k (at, n) ORDER BY n`;
    expect(rows.map(({ at }) => at)).toEqual(instants);
  });
});
