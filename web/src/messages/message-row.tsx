import { type Accessor, createMemo, onCleanup, onMount, Show } from 'solid-js';
import { useApp } from '../context.ts';
import { useRoom } from '../conversations/room-context.ts';
import { fullTimeOf, timeOf } from '../i18n/format.ts';
import { text } from '../i18n/text.ts';
import { Avatar } from '../ui/avatar.tsx';
import { MessageText } from './message-text.tsx';
import { MessageTools } from './message-tools.tsx';
import { PendingNote } from './pending-note.tsx';
import { Quote } from './quote.tsx';
import { Reactions } from './reactions.tsx';
import type { Row } from './rows.ts';
import { useTimeline } from './timeline-context.ts';

type TextRow = Extract<Row, { kind: 'text' }>;

/** One message: who and when at the start of a run, then the text and what hangs on it. Its tools come on hover, focus and long press. */
export const MessageRow = (props: { row: Accessor<TextRow> }) => {
  const room = useRoom();
  const { active, sight } = useTimeline();
  const message = createMemo(() => props.row().message);
  const at = () => Date.parse(message().createdAt);
  const name = () => room.nameOf(message().senderId);
  const isSaved = () => message().seq > 0;
  let article: HTMLElement | undefined;
  onMount(() => {
    if (!article) return;
    sight.observe(article);
    const watched = article;
    onCleanup(() => sight.unobserve(watched));
  });
  return (
    <article
      ref={article}
      class="message"
      aria-label={`${name()}, ${timeOf(at())}`}
      tabindex="-1"
      data-row=""
      data-key={props.row().key}
      data-starts={props.row().starts || undefined}
      data-phase={phaseOf(props.row())}
      data-seq={isSaved() ? message().seq : undefined}
      data-client-id={message().clientId}
    >
      <Show when={props.row().starts} fallback={<time class="message-side-time">{timeOf(at())}</time>}>
        <Sender id={message().senderId} />
      </Show>
      <div class="message-main">
        <Show when={props.row().starts}>
          <div class="message-head">
            <span class="message-name">{name()}</span>
            <time class="message-time" datetime={message().createdAt} title={fullTimeOf(at())}>
              {timeOf(at())}
            </time>
          </div>
        </Show>
        <Show when={message().replyTo}>{(seq) => <Quote seq={seq()} />}</Show>
        <MessageText message={message()} />
        <Show when={message().reactions.length > 0}>
          <Reactions message={message()} />
        </Show>
        <Show when={props.row().pending}>{(item) => <PendingNote item={item()} />}</Show>
      </div>
      <Show when={isSaved() && !message().deletedAt && active(props.row().key)}>
        <MessageTools message={message()} />
      </Show>
    </article>
  );
};

const Sender = (props: { id: string }) => {
  const { client } = useApp();
  const user = () => client.people.find(props.id);
  return (
    <Avatar
      id={props.id}
      name={user()?.name ?? text.timeline.unknown}
      kind="person"
      avatarUrl={user()?.avatarUrl ?? null}
    />
  );
};

/** How a message stands that is not saved yet; a saved one with a refused change is not paler for it. */
const phaseOf = ({ message, pending }: TextRow): string | undefined => (message.seq === 0 ? pending?.phase : undefined);
