import { expect, it } from 'bun:test';
import { createTurn } from './turn.ts';

it('goes on behind a work that throws, and says so', () => {
  const script = `
    const { createTurn } = await import(${JSON.stringify(`${import.meta.dir}/turn.ts`)});
    process.on('uncaughtException', ({ message }) => console.log(message));
    const turn = createTurn();
    turn(() => console.log('1'));
    turn(() => { throw new Error('broken'); });
    turn(() => console.log('2'));
    turn(() => console.log('3'));
  `;
  const { stdout } = Bun.spawnSync([process.execPath, '-e', script], { timeout: 20_000 });
  expect(stdout.toString()).toBe('1\nbroken\n2\n3\n');
});

it('does the works of a turn together, in their order, and those that they add in the next one', async () => {
  const [one, other] = [createTurn(), createTurn()];
  const seen: string[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  one(() => {
    seen.push('1');
    one(() => {
      seen.push('next');
      resolve();
    });
    // What waits for a work goes on when all of them are done.
    Promise.resolve().then(() => seen.push('waited'));
  });
  other(() => seen.push('other'));
  one(() => seen.push('2'));
  seen.push('looked at');
  await promise;
  expect(seen.slice(0, 3)).toEqual(['looked at', '1', '2']);
  expect(seen.indexOf('waited')).toBeGreaterThan(seen.indexOf('2'));
  expect(seen.at(-1)).toBe('next');
  expect(seen).toContain('other');
});
