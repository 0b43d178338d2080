import type { Message } from '@chatapp/contract/shapes';
import { createSignal, lazy, Show } from 'solid-js';
import { useApp } from '../context.ts';
import { useRoom } from '../conversations/room-context.ts';
import { text } from '../i18n/text.ts';
import { mayDelete, mayWrite } from '../members/rights.ts';
import { copyText } from '../ui/copy-text.ts';
import { Icon, type IconName } from '../ui/icon.tsx';
import { isTouch } from '../ui/is-touch.ts';
import { LatePart } from '../ui/late-part.tsx';
import { draftOf } from './mentions.ts';
import { toggleReaction } from './toggle-reaction.ts';

const EmojiPicker = lazy(() => import('./emoji-picker.tsx'));

/** What can be done with a message. */
export const MessageTools = (props: { message: Message }) => {
  const app = useApp();
  const room = useRoom();
  const { client } = app;
  const [picking, setPicking] = createSignal(false);
  let tools: HTMLDivElement | undefined;
  /** What had the focus goes away; the message stays. */
  const focusMessage = () => tools?.closest<HTMLElement>('.message')?.focus({ preventScroll: true });
  const stopPicking = () => {
    focusMessage();
    setPicking(false);
  };
  const seq = () => props.message.seq;
  const isMine = () => props.message.senderId === client.me.id;
  const canWrite = () => mayWrite(room.conversation());
  const react = (emoji: string) => {
    stopPicking();
    toggleReaction(app, props.message, emoji);
  };
  const askToDelete = () => {
    const run = () => client.outbox.add(room.id, { kind: 'delete', seq: seq() });
    const { deleteTitle: title, deleteHelp: help, keep, delete: submit } = text.message;
    focusMessage();
    app.openDialog({ kind: 'confirm', confirmation: { title, help, keep, submit, run } });
  };
  return (
    <div ref={tools} class="tools" role="toolbar" aria-label={text.message.tools}>
      <Show when={canWrite()}>
        <Tool icon="smile" label={text.message.react} onPress={() => setPicking((on) => !on)} />
        <Tool icon="reply" label={text.message.reply} onPress={() => room.setMode({ kind: 'reply', seq: seq() })} />
        <Show when={isMine()}>
          <Tool icon="edit" label={text.message.edit} onPress={() => room.setMode({ kind: 'edit', seq: seq() })} />
        </Show>
      </Show>
      {/* Where a long press opens the tools it marks no text. */}
      <Show when={isTouch()}>
        <Tool
          icon="copy"
          label={text.unsent.copy}
          onPress={() => void copyText(app.notices, draftOf(props.message.body, room.nameOf))}
        />
      </Show>
      <Show when={mayDelete(room.conversation(), props.message.senderId, client.me.id)}>
        <Tool icon="trash" label={text.message.delete} onPress={askToDelete} />
      </Show>
      <Show when={picking()}>
        <LatePart onFailed={stopPicking}>
          <EmojiPicker onPick={react} onClose={stopPicking} />
        </LatePart>
      </Show>
    </div>
  );
};

const Tool = (props: { icon: IconName; label: string; onPress: () => void }) => (
  <button type="button" class="tool" aria-label={props.label} title={props.label} onClick={() => props.onPress()}>
    <Icon name={props.icon} />
  </button>
);
