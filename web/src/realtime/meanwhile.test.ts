import { describe, expect, it } from 'bun:test';
import { createMeanwhile } from './meanwhile.ts';

const start = () => {
  const meanwhile = createMeanwhile<readonly string[]>();
  const ask = () => {
    const { promise, resolve, reject } = Promise.withResolvers<readonly string[]>();
    return { known: meanwhile.over('harbour', promise), answer: resolve, fail: reject };
  };
  const join = (name: string) => meanwhile.note('harbour', (known) => [...known, name]);
  return { meanwhile, ask, join };
};

describe('an answer that may be older than what is pushed', () => {
  it('has that on top which came while it was on its way, and nothing else', async () => {
    const { meanwhile, ask, join } = start();
    join('ann');
    const { known, answer } = ask();
    join('bob');
    meanwhile.note('island', () => []);
    answer(['eve']);
    expect(await known).toEqual(['eve', 'bob']);
  });

  it('counts no more once a later question has been answered', async () => {
    const { ask, join } = start();
    const [first, second] = [ask(), ask()];
    join('bob');
    second.answer(['ann']);
    expect(await second.known).toEqual(['ann', 'bob']);
    first.answer([]);
    expect(await first.known).toBeUndefined();
  });

  it('counts where the later question fails', async () => {
    const { ask, join } = start();
    const [first, second] = [ask(), ask()];
    second.fail(new Error('offline'));
    expect(await second.known.catch(() => 'failed')).toBe('failed');
    join('bob');
    first.answer(['ann']);
    expect(await first.known).toEqual(['ann', 'bob']);
  });

  it('counts no more where it is forgotten what it is about', async () => {
    const { meanwhile, ask } = start();
    const { known, answer } = ask();
    meanwhile.forget('harbour');
    answer(['ann']);
    expect(await known).toBeUndefined();
  });
});
