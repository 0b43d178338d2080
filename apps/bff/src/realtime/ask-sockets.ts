import type { Clock } from '@chatapp/resilience/clock';
import type { Link } from './link.ts';

/** With a health check every 2 s, which waits for 1 s, this ends within 4.5 s after an instance fell silent. */
const answerMs = 1500;

/**
 * Asks the sockets at an instance at once, and ends those that do not answer in time: for when its health check was not answered. To beat as often would cost
 * 4 000 pings a second, and as many answers, at 10 000 sockets.
 */
export const createAskSockets = (links: ReadonlyMap<Link, { readonly url: string }>, clock: Clock) => {
  /** Instances whose sockets have time to answer still. */
  const asked = new Set<string>();
  return async (url: string): Promise<void> => {
    if (asked.has(url)) return;
    asked.add(url);
    const there = [...links].filter(([, tied]) => tied.url === url).map(([link]) => link);
    for (const link of there) link.ask();
    await clock.sleep(answerMs);
    asked.delete(url);
    for (const link of there) link.endUnanswered();
  };
};
