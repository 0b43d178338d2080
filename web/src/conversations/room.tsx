import type { Conversation } from '@chatapp/contract/shapes';
import { createEffect, createSignal, Match, onCleanup, Show, Switch, untrack } from 'solid-js';
import { useApp } from '../context.ts';
import { text } from '../i18n/text.ts';
import { MembersPanel } from '../members/members-panel.tsx';
import { Composer } from '../messages/composer.tsx';
import { createMode } from '../messages/create-mode.ts';
import { createNewMark } from '../messages/create-new-mark.ts';
import { createDrafts } from '../messages/drafts.ts';
import { FootLine } from '../messages/foot-line.tsx';
import { personName } from '../messages/preview.ts';
import { TimelineView } from '../messages/timeline-view.tsx';
import { nameOf } from './conversation-name.ts';
import { restore } from './end-conversation.ts';
import { type Refill, type RoomContext, RoomContextProvider } from './room-context.ts';
import { RoomHeader } from './room-header.tsx';
import { RoomMissing } from './room-missing.tsx';
import { RoomUnloaded } from './room-unloaded.tsx';

/** The open conversation, or a word on why there is none. */
export const Room = (props: { id: string }) => {
  const { client } = useApp();
  return (
    <Show
      when={client.conversations.get(props.id)}
      fallback={
        <main class="room room-none">
          <Switch>
            <Match when={client.conversations.status() === 'failed'}>
              <RoomUnloaded />
            </Match>
            <Match when={client.conversations.status() === 'ready'}>
              <RoomMissing id={props.id} />
            </Match>
          </Switch>
        </main>
      }
    >
      {(conversation) => (
        <Show when={!conversation().deletedAt} fallback={<DeletedRoom conversation={conversation()} />}>
          <OpenRoom id={props.id} conversation={conversation()} />
        </Show>
      )}
    </Show>
  );
};

/** Deleted, and mine to restore until it is erased. */
const DeletedRoom = (props: { conversation: Conversation }) => {
  const app = useApp();
  return (
    <main class="room room-none">
      <div class="empty">
        <h2>{text.ending.isDeleted(nameOf(props.conversation))}</h2>
        <p>{text.ending.isDeletedHelp}</p>
        <button type="button" class="button button-primary" onClick={() => void restore(app, props.conversation.id)}>
          {text.ending.restore}
        </button>
        <button type="button" class="button" onClick={() => app.route.go('/', { replace: true })}>
          {text.room.back}
        </button>
      </div>
    </main>
  );
};

const OpenRoom = (props: { id: string; conversation: Conversation }) => {
  const { client, dialog, openDialog } = useApp();
  const isMarked = () => client.unread.loaded() && untrack(() => client.unread.of(props.id).markedUnread);
  createEffect(() => isMarked() && client.unread.mark(props.id, false).catch(() => undefined));
  onCleanup(() => {
    const open = dialog();
    if (open && 'conversationId' in open && open.conversationId === props.id) openDialog(undefined);
  });
  const room = createRoom(props.id, () => props.conversation);
  onCleanup(client.typing.stop);
  return (
    <RoomContextProvider.Provider value={room}>
      <main class="room">
        <RoomHeader />
        <TimelineView />
        <div class="room-foot">
          <FootLine />
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
  const [refill, setRefill] = createSignal<Refill>();
  const [sent, setSent] = createSignal(0);
  const { newAfter, clearNew } = createNewMark(client, id, entry);
  return {
    id,
    conversation,
    entry,
    ...createMode(createDrafts(sessionStorage, client.me.id), id),
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
