import type { User } from '@chatapp/contract/shapes';
import { createMemo, createSignal } from 'solid-js';
import { candidates, mentionAt } from './mentions.ts';

export type MentionPickParts = {
  people: () => readonly User[];
  /** Puts `@Name` in the place of what was typed from `start` to `end`. */
  insert: (user: User, start: number, end: number) => void;
};

/** Picking a person while their name is typed behind an `@`. */
export const createMentionPick = ({ people, insert }: MentionPickParts) => {
  const [typed, setTyped] = createSignal<{ start: number; end: number; query: string }>();
  const [active, setActive] = createSignal(0);
  // Who was picked goes before another of the same name.
  const [picked, setPicked] = createSignal<readonly User[]>([]);
  const found = createMemo(() => {
    const at = typed();
    return at ? candidates(people(), at.query) : [];
  });
  const take = (user: User) => {
    const at = typed();
    if (!at) return;
    setPicked((all) => [user, ...all]);
    setTyped(undefined);
    insert(user, at.start, at.end);
  };
  const move = (by: number) => setActive((index) => (index + by + found().length) % found().length);
  return {
    found,
    picked,
    active,
    setActive,
    take,
    /** The text or the caret changed. */
    look: (draft: string, caret: number): void => {
      const at = mentionAt(draft, caret);
      setActive(0);
      setTyped(at && { ...at, end: caret });
    },
    close: (): void => void setTyped(undefined),
    /** Whether the key was meant for the list. */
    onKeyDown: (event: KeyboardEvent): boolean => {
      const user = found()[active()];
      if (!user) return false;
      if (event.key === 'ArrowDown') move(1);
      else if (event.key === 'ArrowUp') move(-1);
      else if (event.key === 'Enter' || event.key === 'Tab') take(user);
      else if (event.key === 'Escape') setTyped(undefined);
      else return false;
      event.preventDefault();
      return true;
    },
  };
};
