import { afterEach, describe, expect, it } from 'bun:test';
import { fakeClock } from '../../test/fake-clock.ts';
import { browserTabs } from './tabs.ts';

type Options = { signal?: AbortSignal; steal?: boolean };
type Hold = () => Promise<void>;
type Request = (name: string, options: Options, hold: Hold) => Promise<void>;

/** A browser whose locks do what the test says. */
const withLocks = (request: Request) =>
  Object.defineProperty(navigator, 'locks', { value: { request }, configurable: true });
afterEach(() => Reflect.deleteProperty(navigator, 'locks'));

/** A browser with one lock. Whoever waits for it and goes is passed over; whoever takes it takes it at once. */
const withOneLock = () => {
  type Claim = { hold: Hold; end: PromiseWithResolvers<void> };
  let holder: Claim | undefined;
  let line: Claim[] = [];
  const next = () => {
    const claim = line.shift();
    holder = claim;
    claim?.hold().then(() => {
      claim.end.resolve();
      if (holder === claim) next();
    });
  };
  withLocks((_name, { signal, steal }, hold) => {
    const claim: Claim = { hold, end: Promise.withResolvers<void>() };
    signal?.addEventListener('abort', () => {
      if (!line.includes(claim)) return;
      line = line.filter((other) => other !== claim);
      claim.end.reject(signal.reason);
    });
    if (steal) {
      holder?.end.reject(new DOMException('taken', 'AbortError'));
      line.unshift(claim);
      next();
    } else {
      line.push(claim);
      if (!holder) next();
    }
    return claim.end.promise;
  });
};

const { clock, advance } = fakeClock();
const opened: { stop: () => void }[] = [];
afterEach(() => {
  for (const tabs of opened.splice(0)) tabs.stop();
});
const open = (name = `outbox:${crypto.randomUUID()}`) => {
  let led = 0;
  const tabs = browserTabs(name, clock)({ lead: () => led++, message: () => {} });
  opened.push(tabs);
  return { tabs, led: () => led };
};
const settle = async () => {
  for (let turn = 0; turn < 5; turn++) await Promise.resolve();
};
/** Words between tabs need a turn of the event loop each. */
const talk = async () => {
  for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
};

describe('browserTabs', () => {
  it('leads while it holds the lock, and not before', async () => {
    let give: Hold = async () => {};
    withLocks((_name, _options, hold) => {
      give = hold;
      return new Promise(() => {});
    });
    const { tabs, led } = open();
    await settle();
    expect(tabs.leading()).toBe(false);
    void give();
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
  });

  it('does not lead when its own end was what ended the wait', async () => {
    withLocks((_name, { signal }) => {
      const { promise, reject } = Promise.withResolvers<never>();
      signal?.addEventListener('abort', () => reject(signal.reason));
      return promise;
    });
    const { tabs, led } = open();
    tabs.stop();
    await settle();
    expect(tabs.leading()).toBe(false);
    expect(led()).toBe(0);
  });

  it.each([
    ['is kept for the way back', () => window, 'pagehide', 'pageshow'],
    ['is frozen', () => document, 'freeze', 'resume'],
  ] as const)(
    'gives the lock away when the page %s, and waits for it afterwards',
    async (_name, target, away, back) => {
      withOneLock();
      const { tabs, led } = open();
      expect(tabs.leading()).toBe(true);
      target().dispatchEvent(new Event(away));
      expect(tabs.leading()).toBe(false);
      await settle();
      target().dispatchEvent(new Event(back));
      target().dispatchEvent(new Event(back));
      await settle();
      expect(tabs.leading()).toBe(true);
      expect(led()).toBe(2);
    },
  );

  it('takes the place of a tab that does not answer, which waits for its turn when it wakes up', async () => {
    withOneLock();
    const asleep = open('outbox:of-another-name');
    const awake = open();
    expect(asleep.tabs.leading()).toBe(true);
    awake.tabs.relieve();
    await talk();
    await advance(1_999);
    expect(awake.tabs.leading()).toBe(false);
    await advance(1);
    expect(awake.tabs.leading()).toBe(true);
    expect(asleep.tabs.leading()).toBe(false);
    awake.tabs.stop();
    await settle();
    expect(asleep.tabs.leading()).toBe(true);
  });

  it('leaves the lock to a tab that answers', async () => {
    withOneLock();
    const name = `outbox:${crypto.randomUUID()}`;
    const first = open(name);
    const second = open(name);
    second.tabs.relieve();
    await talk();
    await advance(10_000);
    expect(first.tabs.leading()).toBe(true);
    expect(second.tabs.leading()).toBe(false);
  });
});
