import type { AppContext } from '../context.ts';
import { isBeside } from '../members/members-shown.ts';
import { pathOf } from './route.ts';

/** The keys that work everywhere on the signed-in page. Answers how to stop. */
export const listenForKeys = (app: AppContext): (() => void) => {
  const { client, route, dialog, openDialog } = app;
  const step = (by: 1 | -1) => {
    const list = client.conversations.list();
    const index = list.findIndex(({ id }) => id === route.conversationId());
    const next = list[index < 0 ? 0 : (index + by + list.length) % list.length];
    if (next) route.go(pathOf(next.id));
  };
  const onKey = (event: KeyboardEvent) => {
    const done = (act: () => void) => {
      event.preventDefault();
      act();
    };
    if (event.key.toLowerCase() === 'k' && (event.ctrlKey || event.metaKey)) {
      return done(() => openDialog(dialog()?.kind === 'find' ? undefined : { kind: 'find' }));
    }
    if (dialog()) return;
    // An open menu takes the first Esc.
    const isOver = app.membersShown() && !isBeside() && !document.querySelector(':popover-open');
    if (event.key === 'Escape' && isOver) return done(() => app.showMembers(false));
    if (event.altKey && event.key === 'ArrowDown') return done(() => step(1));
    if (event.altKey && event.key === 'ArrowUp') return done(() => step(-1));
    if (event.key === '?' && !isWriting(event.target)) done(() => openDialog({ kind: 'keys' }));
  };
  window.addEventListener('keydown', onKey);
  return () => window.removeEventListener('keydown', onKey);
};

const isWriting = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
