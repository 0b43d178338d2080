import type { Link } from './link.ts';

/** Ten thousand pings at one moment would keep everybody's events waiting. */
const parts = 10;

/** Beats each link once in `everyMs`, a tenth of them at a time. */
export const createBeats = (everyMs: number) => {
  const turns = Array.from({ length: parts }, () => new Set<Link>());
  let turn = 0;
  let joined = 0;
  setInterval(() => {
    turn = (turn + 1) % parts;
    for (const link of turns[turn] ?? []) link.beat();
  }, everyMs / parts).unref();
  return {
    add: (link: Link): void => void turns[joined++ % parts]?.add(link),
    remove(link: Link): void {
      for (const links of turns) links.delete(link);
    },
  };
};
