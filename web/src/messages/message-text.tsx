import type { Message } from '@chatapp/contract/shapes';
import { createMemo, For, Show } from 'solid-js';
import { useApp } from '../context.ts';
import { useRoom } from '../conversations/room-context.ts';
import { text } from '../i18n/text.ts';
import { type BodyPart, bodyParts } from './body-parts.ts';

/** The text of a message, or that it was deleted. */
export const MessageText = (props: { message: Message }) => {
  const parts = createMemo(() => bodyParts(props.message.body));
  return (
    <Show
      when={!props.message.deletedAt}
      fallback={<p class="message-text message-deleted">{text.timeline.deleted}</p>}
    >
      <p class="message-text">
        <For each={parts()}>{(part) => <Part part={part} />}</For>
        <Show when={props.message.editedAt}>
          {' '}
          <span class="message-edited">{text.timeline.edited}</span>
        </Show>
      </p>
    </Show>
  );
};

// A part is made anew when the text changes, so it may be taken apart here.
const Part = ({ part }: { part: BodyPart }) => {
  switch (part.kind) {
    case 'text':
      return part.text;
    case 'mention':
      return <Mention userId={part.userId} />;
    case 'code':
      return <code class="code">{part.text}</code>;
    case 'block':
      return <code class="code code-block">{part.text}</code>;
    case 'link':
      return (
        <a class="link" href={part.href} target="_blank" rel="noopener noreferrer nofollow">
          {part.text}
        </a>
      );
    default:
      return part satisfies never;
  }
};

const Mention = (props: { userId: string }) => {
  const { client } = useApp();
  const room = useRoom();
  return (
    <span class="mention" data-me={props.userId === client.me.id || undefined}>
      @{room.nameOf(props.userId)}
    </span>
  );
};
