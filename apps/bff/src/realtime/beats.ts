import type { Clock } from '@chatapp/resilience/clock';
import type { Link } from './link.ts';

/** Ten thousand pings at one moment would keep everybody's events waiting. */
const parts = 10;
/** What a busy process is late without having stood still. */
const lateMs = 500;

/**
 * Beats each link once in `everyMs`, a tenth of them at a time. A process that stood still has not read yet what came meanwhile, so it judges nobody
 * at its first turn.
 */
export const createBeats = (everyMs: number, clock: Pick<Clock, 'now'>) => {
  const turnMs = everyMs / parts;
  const turns = Array.from({ length: parts }, () => new Set<Link>());
  let turn = 0;
  let joined = 0;
  let lastAt = clock.now();
  setInterval(() => {
    const isLate = clock.now() - lastAt > 3 * turnMs + lateMs;
    lastAt = clock.now();
    if (isLate) return;
    turn = (turn + 1) % parts;
    for (const link of turns[turn] ?? []) link.beat();
  }, turnMs).unref();
  return {
    add: (link: Link): void => void turns[joined++ % parts]?.add(link),
    remove(link: Link): void {
      for (const links of turns) links.delete(link);
    },
  };
};
