import { afterEach, describe, expect, it } from 'bun:test';
import { browserTabs } from './tabs.ts';

/** A browser whose locks do what the test says. */
const withLocks = (
  request: (name: string, options: { signal: AbortSignal }, hold: () => unknown) => Promise<unknown>,
) => Object.defineProperty(navigator, 'locks', { value: { request }, configurable: true });
afterEach(() => Reflect.deleteProperty(navigator, 'locks'));

const open = () => {
  let led = 0;
  const tabs = browserTabs(`outbox:${crypto.randomUUID()}`)({ lead: () => led++, message: () => {} });
  return { tabs, led: () => led };
};
const settle = async () => {
  for (let turn = 0; turn < 5; turn++) await Promise.resolve();
};

describe('browserTabs', () => {
  it('leads while it holds the lock, and not before', async () => {
    let give = () => {};
    withLocks(async (_name, _options, hold) => {
      give = hold;
    });
    const { tabs, led } = open();
    await settle();
    expect(tabs.leading()).toBe(false);
    give();
    expect(tabs.leading()).toBe(true);
    expect(led()).toBe(1);
    tabs.stop();
    expect(tabs.leading()).toBe(false);
  });

  it('leads where the browser refuses the lock: else no tab would ever send', async () => {
    withLocks(async () => Promise.reject(new DOMException('not here', 'SecurityError')));
    const { tabs, led } = open();
    await settle();
    expect(tabs.leading()).toBe(true);
    expect(led()).toBe(1);
    tabs.stop();
  });

  it('does not lead when its own end was what ended the wait', async () => {
    withLocks((_name, { signal }) => {
      const { promise, reject } = Promise.withResolvers<never>();
      signal.addEventListener('abort', () => reject(signal.reason));
      return promise;
    });
    const { tabs, led } = open();
    tabs.stop();
    await settle();
    expect(tabs.leading()).toBe(false);
    expect(led()).toBe(0);
  });
});
