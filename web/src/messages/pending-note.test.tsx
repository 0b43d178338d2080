import { afterEach, describe, expect, it } from 'bun:test';
import { ann, harbour } from '../../test/people.ts';
import { show } from '../../test/render.ts';
import { type AppContext, AppContextProvider } from '../context.ts';
import { type RoomContext, RoomContextProvider } from '../conversations/room-context.ts';
import type { OutboxItem, ShownItem } from '../outbox/outbox-item.ts';
import { PendingNote } from './pending-note.tsx';

let page: ReturnType<typeof show> | undefined;
afterEach(() => page?.remove());

/** What can be done about a message of ann that failed. */
const actsOf = (failed: OutboxItem['failed'], attempts = 1) => {
  const op = { kind: 'send', body: 'a', replyTo: null } as const;
  const common = { clientId: 'c', userId: ann, conversationId: harbour, order: 1, at: 0 };
  const item: ShownItem = { ...common, op, attempts, failed, phase: 'failed' };
  const conversation = { kind: 'group', myRole: 'member', archivedAt: null, deletedAt: null };
  const room = { conversation: () => conversation } as unknown as RoomContext;
  page = show(() => (
    <AppContextProvider.Provider value={{ client: {} } as AppContext}>
      <RoomContextProvider.Provider value={room}>
        <PendingNote item={item} />
      </RoomContextProvider.Provider>
    </AppContextProvider.Provider>
  ));
  return page.texts('button');
};

describe('a message that failed', () => {
  it.each([
    ['forbidden', 1],
    ['expired', 0],
  ] as const)('is sent again, edited or let go when it is %s after %d tries', (failed, attempts) => {
    expect(actsOf(failed, attempts)).toEqual(['Try again', 'Edit', 'Discard']);
  });

  it.each([
    ['internal', 5],
    ['expired', 3],
  ] as const)('is not edited when it may be saved: %s after %d tries', (failed, attempts) => {
    expect(actsOf(failed, attempts)).toEqual(['Try again', 'Discard']);
  });
});
