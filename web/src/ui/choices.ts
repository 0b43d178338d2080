import { createEffect, createSignal, on } from 'solid-js';

/** The keyboard of a field with a list below it (WAI-ARIA combobox): arrows move, Enter takes, the focus stays in the field. */
export const createChoices = <T>(options: { items: () => readonly T[]; take: (item: T) => void }) => {
  const [active, setActive] = createSignal(0);
  createEffect(on(options.items, () => setActive(0), { defer: true }));
  const move = (by: number) => {
    const count = options.items().length;
    if (count > 0) setActive((index) => (index + by + count) % count);
  };
  return {
    active,
    setActive,
    /** Whether the key was meant for the list. */
    onKeyDown: (event: KeyboardEvent): boolean => {
      if (event.isComposing) return false;
      const item = options.items()[active()];
      if (event.key === 'ArrowDown') move(1);
      else if (event.key === 'ArrowUp') move(-1);
      else if (event.key === 'Enter' && item !== undefined) options.take(item);
      else return false;
      event.preventDefault();
      return true;
    },
  };
};
