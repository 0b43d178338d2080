import { expect, it } from 'bun:test';
import { fakeClock } from '@chatapp/resilience/fake-clock';
import { createReadAhead } from './read-ahead.ts';
import type { Vault } from './secret.ts';

it('reads the sessions of a moment together, each once, and those of the next one again', async () => {
  const clock = fakeClock();
  const read: string[] = [];
  const readAhead = createReadAhead({
    clock,
    read: ({ id }) => {
      read.push(`${id} at ${clock.now()}`);
      return id === 'lost' ? Promise.reject(new Error('Redis is away')) : Promise.resolve();
    },
  });
  const use = (id: string) => readAhead({ id } as Vault);
  use('ann');
  await clock.advance(20);
  for (const id of ['lost', 'ann', 'bob']) use(id);
  await clock.advance(29);
  expect(read).toEqual([]);
  await clock.advance(100);
  use('ann');
  await clock.advance(50);
  expect(read).toEqual(['ann at 50', 'lost at 50', 'bob at 50', 'ann at 199']);
});

it('reads none twice at a time', async () => {
  const clock = fakeClock();
  const answer = Promise.withResolvers<void>();
  let reads = 0;
  const readAhead = createReadAhead({
    clock,
    read: () => {
      reads++;
      return answer.promise;
    },
  });
  const ann = { id: 'ann' } as Vault;
  readAhead(ann);
  await clock.advance(50);
  readAhead(ann);
  await clock.advance(50);
  expect(reads).toBe(1);
  answer.resolve();
  await clock.advance(0);
  readAhead(ann);
  await clock.advance(50);
  expect(reads).toBe(2);
});
