import { Show } from 'solid-js';
import { useRoom } from '../conversations/room-context.ts';
import { text } from '../i18n/text.ts';
import { plainText } from './body-parts.ts';
import { useTimeline } from './timeline-context.ts';

/** The message that is answered, in one line; leads to it. */
export const Quote = (props: { seq: number }) => {
  const room = useRoom();
  const { jumpTo } = useTimeline();
  const answered = () => room.entry.timeline().messages.get(props.seq);
  return (
    <button type="button" class="quote" onClick={() => jumpTo(props.seq)}>
      <Show when={answered()} fallback={text.timeline.quoteGone}>
        {(message) => (
          <>
            <span class="quote-name">{room.nameOf(message().senderId)}:</span>{' '}
            {message().deletedAt ? text.timeline.deleted : plainText(message().body, room.nameOf)}
          </>
        )}
      </Show>
    </button>
  );
};
