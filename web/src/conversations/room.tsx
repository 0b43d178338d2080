import type { Conversation } from '@chatapp/contract/shapes';
import { createEffect, createSignal, on, onCleanup, Show } from 'solid-js';
import { useApp } from '../context.ts';
import { text } from '../i18n/text.ts';
import { Composer } from '../messages/composer.tsx';
import { personName } from '../messages/preview.ts';
import { TimelineView } from '../messages/timeline-view.tsx';
import { UnsentList } from '../outbox/unsent-list.tsx';
import { TypingLine } from '../typing/typing-line.tsx';
import { MembersPanel } from './members-panel.tsx';
import { type ComposeMode, type RoomContext, RoomContextProvider } from './room-context.ts';
import { RoomHeader } from './room-header.tsx';

/** The open conversation, or a word on why there is none. */
export const Room = (props: { id: string }) => {
  const { client } = useApp();
  return (
    <Show
      when={client.conversations.get(props.id)}
      fallback={
        <main class="room room-none">
          <Show when={client.conversations.status() !== 'loading'}>
            <RoomMissing id={props.id} />
          </Show>
        </main>
      }
    >
      {(conversation) => <OpenRoom id={props.id} conversation={conversation()} />}
    </Show>
  );
};

const RoomMissing = (props: { id: string }) => {
  const { route, client } = useApp();
  const unsent = () => client.outbox.items().filter(({ conversationId }) => conversationId === props.id);
  return (
    <div class="empty">
      <h2>{text.room.missing}</h2>
      <p>{text.room.missingHelp}</p>
      <button type="button" class="button" onClick={() => route.go('/', { replace: true })}>
        {text.room.back}
      </button>
      <Show when={unsent().length > 0}>
        <p>{text.unsent.here}</p>
        <UnsentList items={unsent()} />
      </Show>
    </div>
  );
};

const OpenRoom = (props: { id: string; conversation: Conversation }) => {
  const { client } = useApp();
  const room = createRoom(props.id, () => props.conversation);
  onCleanup(client.typing.stop);
  return (
    <RoomContextProvider.Provider value={room}>
      <main class="room">
        <RoomHeader />
        <TimelineView />
        <div class="room-foot">
          <TypingLine />
          <Composer />
        </div>
      </main>
      <MembersPanel />
    </RoomContextProvider.Provider>
  );
};

const createRoom = (id: string, conversation: () => Conversation): RoomContext => {
  const { client } = useApp();
  const entry = client.timelines.open(id, client.unread.of(id).unread + 20);
  onCleanup(() => client.timelines.close(id));
  if (!client.members.of(id)) client.members.load(id).catch(() => undefined);
  const [mode, setMode] = createSignal<ComposeMode>({ kind: 'new' });
  const [refill, setRefill] = createSignal<string>();
  const [sent, setSent] = createSignal(0);
  const { newAfter, clearNew } = createNewMark(id);
  return {
    id,
    conversation,
    entry,
    mode,
    setMode,
    refill,
    setRefill,
    newAfter,
    clearNew,
    sent,
    noteSent: () => {
      setSent((count) => count + 1);
      clearNew();
    },
    nameOf: (userId) => personName(client, userId),
  };
};

/** Where `New` stands: where reading had got to when the conversation was opened, or when the person looked away. */
const createNewMark = (id: string) => {
  const { client } = useApp();
  const [newAfter, setNewAfter] = createSignal<number>();
  const unread = () => (client.unread.loaded() ? client.unread.of(id).unread : undefined);
  createEffect(
    on(unread, (count, before) => {
      if (!count) return;
      const opened = before === undefined;
      if (opened || (before === 0 && !client.looking())) setNewAfter(client.unread.of(id).lastReadSeq);
    }),
  );
  return { newAfter, clearNew: () => setNewAfter(undefined) };
};
