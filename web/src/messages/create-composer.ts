import type { Message } from '@chatapp/contract/shapes';
import { createEffect, createSignal, on } from 'solid-js';
import { useApp } from '../context.ts';
import type { ComposeMode, Refill, RoomContext } from '../conversations/room-context.ts';
import { text } from '../i18n/text.ts';
import type { OutboxItem } from '../outbox/outbox-item.ts';
import { isComposing } from '../ui/is-composing.ts';
import { isTouch } from '../ui/is-touch.ts';
import { createMentionPick } from './create-mention-pick.ts';
import { createDrafts, joinedDraft } from './drafts.ts';
import { bodyOf, draftOf, mentionedIn } from './mentions.ts';
import { excessOf, outgoingBody } from './outgoing.ts';
import { withPending } from './overlay.ts';

/** The field's text, what it is for, and its keys. */
export const createComposer = (room: RoomContext) => {
  const { client, notices } = useApp();
  const drafts = createDrafts(sessionStorage, client.me.id);
  const [body, setBody] = createSignal(drafts.read(room.id, room.mode()));
  let field: HTMLTextAreaElement | undefined;

  const fitHeight = () => {
    if (!field) return;
    field.style.height = 'auto';
    field.style.height = `${field.scrollHeight}px`;
  };
  createEffect(on(body, fitHeight));

  const fill = (draft: string, caret = draft.length) => {
    setBody(draft);
    field?.focus();
    field?.setSelectionRange(caret, caret);
  };
  /** Fills the field with what is to be kept like typed text. */
  const put = (draft: string, caret?: number) => {
    fill(draft, caret);
    drafts.write(room.id, draft, room.mode());
  };

  const members = () => (client.members.of(room.id) ?? []).map(({ user }) => user);
  const mentions = createMentionPick({
    people: () => members().filter(({ id }) => id !== client.me.id),
    insert: ({ name }, start, end) => {
      const before = `${body().slice(0, start)}@${name} `;
      put(before + body().slice(end).trimStart(), before.length);
    },
  });
  const outgoing = () => outgoingBody(bodyOf(body(), [...mentions.picked(), ...mentioned(), ...members()]));
  /** Who stands in the message that is edited; they may be members no longer. */
  const mentioned = () => {
    const mode = room.mode();
    const ids = mode.kind === 'edit' ? mentionedIn(bodyOfMessage(mode.seq)) : [];
    return ids.map(client.people.find).filter((user) => user !== undefined);
  };
  /** As the timeline shows it: with this person's own changes that are not saved yet. */
  const shown = (message: Message): Message => {
    const isOfIt = ({ conversationId, op }: OutboxItem) =>
      conversationId === room.id && op.kind !== 'send' && op.seq === message.seq;
    return withPending(message, client.outbox.items().filter(isOfIt), client.me.id);
  };
  const draftOfMessage = (seq: number) => draftOf(bodyOfMessage(seq), room.nameOf);
  const bodyOfMessage = (seq: number) => {
    const message = room.entry.timeline().messages.get(seq);
    return message ? shown(message).body : '';
  };

  // Editing lends the field; the draft waits until it is given back.
  createEffect(
    on(room.mode, (mode, before) => {
      if (before === undefined) return;
      if (mode.kind === 'edit') put(draftOfMessage(mode.seq));
      else if (before.kind === 'edit') fill(drafts.read(room.id));
      else field?.focus();
    }),
  );
  createEffect(() => {
    const mode = room.mode();
    const message = mode.kind === 'edit' && room.entry.timeline().messages.get(mode.seq);
    if (message && shown(message).deletedAt) cancel();
  });
  createEffect(
    on(room.refill, (again) => {
      if (again === undefined) return;
      room.setRefill(undefined);
      void goOnWith(again);
    }),
  );

  /** The draft holds the text before the outbox lets go of it: a crash in between leaves it in both, never in neither. */
  const goOnWith = async ({ body: said, replyTo, release }: Refill) => {
    const mode = room.mode();
    const before = mode.kind === 'edit' ? drafts.read(room.id) : body();
    const both = joinedDraft(draftOf(said, room.nameOf), before);
    if (replyTo !== null) room.setMode({ kind: 'reply', seq: replyTo });
    else if (mode.kind === 'edit') room.setMode({ kind: 'new' });
    put(both);
    const isReleased = await release().catch(() => {
      notices.fail(text.failures.other);
      return false;
    });
    if (!isReleased && body() === both) put(before);
  };

  const excess = () => excessOf(outgoing());
  const maySubmit = () => outgoing() !== '' && excess() === 0;

  const submit = () => {
    if (!maySubmit()) return;
    const said = outgoing();
    const written = body();
    const mode = room.mode();
    const giveBack = () => takeBack(mode, written);
    client.typing.stop();
    if (mode.kind === 'edit') {
      const isChanged = bodyOfMessage(mode.seq) !== said;
      if (isChanged) client.outbox.add(room.id, { kind: 'edit', seq: mode.seq, body: said }).catch(giveBack);
    } else {
      setBody('');
      const replyTo = mode.kind === 'reply' ? mode.seq : null;
      client.outbox.add(room.id, { kind: 'send', body: said, replyTo }).then(() => stored(written), giveBack);
    }
    room.setMode({ kind: 'new' });
  };

  /** The draft goes with the message that it became, and not sooner: it is what a crash would leave. */
  const stored = (written: string) => {
    if (drafts.read(room.id) === written) drafts.write(room.id, '');
    room.noteSent();
  };

  /** The browser would not store it: it stands in the field again, before what was written since. A draft waits while an edit is made. */
  const takeBack = (mode: ComposeMode, written: string) => {
    const since = body();
    notices.fail(text.composer.notStored);
    room.setMode(mode);
    put(mode.kind === 'edit' ? written : joinedDraft(written, since));
  };

  const cancel = () => room.setMode({ kind: 'new' });

  const editLast = (): boolean => {
    const { messages, high } = room.entry.timeline();
    for (let seq = high; seq > 0; seq--) {
      const message = messages.get(seq);
      if (!message) return false;
      if (message.senderId !== client.me.id || message.kind !== 'text' || shown(message).deletedAt) continue;
      room.setMode({ kind: 'edit', seq });
      return true;
    }
    return false;
  };

  return {
    body,
    excess,
    maySubmit,
    mentions,
    submit,
    cancel,
    attach: (element: HTMLTextAreaElement): void => {
      field = element;
      queueMicrotask(() => {
        fitHeight();
        // On a phone the keyboard would cover the conversation that was just opened.
        if (!isTouch()) element.focus();
      });
    },
    write: (draft: string, caret: number): void => {
      setBody(draft);
      mentions.look(draft, caret);
      drafts.write(room.id, draft, room.mode());
      if (draft === '') client.typing.stop();
      else if (room.mode().kind !== 'edit') client.typing.press(room.id);
    },
    onKeyDown: (event: KeyboardEvent): void => {
      if (isComposing(event) || mentions.onKeyDown(event)) return;
      const done = (isDone: boolean) => isDone && event.preventDefault();
      if (event.key === 'Enter' && !event.shiftKey && !isTouch()) {
        event.preventDefault();
        submit();
      } else if (event.key === 'Escape' && room.mode().kind !== 'new') {
        event.preventDefault();
        cancel();
      } else if (event.key === 'ArrowUp' && body() === '' && !event.altKey) done(editLast());
    },
  };
};
