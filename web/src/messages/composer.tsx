import { Show } from 'solid-js';
import { useApp } from '../context.ts';
import { nameOf } from '../conversations/conversation-name.ts';
import { useRoom } from '../conversations/room-context.ts';
import { text } from '../i18n/text.ts';
import { mayWrite } from '../members/rights.ts';
import { Icon } from '../ui/icon.tsx';
import { isTouch } from '../ui/is-touch.ts';
import { createComposer } from './create-composer.ts';
import { MentionPicker, mentionListId, mentionOptionId } from './mention-picker.tsx';

/** Where one writes. It is never disabled: what is written without a connection is sent later. */
export const Composer = () => {
  const room = useRoom();
  return (
    <Show
      when={mayWrite(room.conversation())}
      fallback={
        <p class="composer-closed">
          {room.conversation().archivedAt === null ? text.composer.viewer : text.composer.archived}
        </p>
      }
    >
      <OpenComposer />
    </Show>
  );
};

const OpenComposer = () => {
  const { client } = useApp();
  const room = useRoom();
  const composer = createComposer(room);
  const isPicking = () => composer.mentions.found().length > 0;
  return (
    <div class="composer-frame">
      <Show when={client.connection.isAway()}>
        <p class="composer-offline" role="status">
          {text.composer.offline}
        </p>
      </Show>
      <Show when={isPicking()}>
        <MentionPicker
          people={composer.mentions.found()}
          active={composer.mentions.active()}
          onActive={composer.mentions.setActive}
          onTake={composer.mentions.take}
        />
      </Show>
      <form
        class="composer"
        onSubmit={(event) => {
          event.preventDefault();
          composer.submit();
        }}
      >
        <Show when={room.mode().kind !== 'new'}>
          <ModeLine onCancel={composer.cancel} />
        </Show>
        <div class="composer-line">
          <textarea
            ref={composer.attach}
            class="composer-input"
            rows={1}
            aria-label={text.composer.placeholder(nameOf(room.conversation()))}
            placeholder={text.composer.placeholder(nameOf(room.conversation()))}
            title={isTouch() ? undefined : text.composer.keys}
            value={composer.body()}
            aria-controls={isPicking() ? mentionListId : undefined}
            aria-activedescendant={isPicking() ? mentionOptionId(composer.mentions.active()) : undefined}
            onInput={({ currentTarget }) => composer.write(currentTarget.value, currentTarget.selectionStart)}
            onKeyDown={composer.onKeyDown}
            onBlur={() => {
              client.typing.stop();
              composer.mentions.close();
            }}
          />
          <button
            type="submit"
            class="composer-send"
            aria-label={room.mode().kind === 'edit' ? text.composer.save : text.composer.send}
            data-ready={composer.maySubmit() || undefined}
          >
            <Icon name={room.mode().kind === 'edit' ? 'check' : 'up'} />
          </button>
        </div>
        <Show when={composer.excess() > 0}>
          <p class="composer-fault" role="alert">
            {text.composer.tooLong(composer.excess())}
          </p>
        </Show>
      </form>
    </div>
  );
};

/** What the text is for, when it is not simply the next message. */
const ModeLine = (props: { onCancel: () => void }) => {
  const room = useRoom();
  const label = () => {
    const mode = room.mode();
    if (mode.kind !== 'reply') return text.composer.editing;
    const sender = room.entry.timeline().messages.get(mode.seq)?.senderId;
    return text.composer.replyTo(sender ? room.nameOf(sender) : text.timeline.unknown);
  };
  return (
    <div class="composer-mode">
      <Icon name={room.mode().kind === 'reply' ? 'reply' : 'edit'} />
      <span>{label()}</span>
      <button type="button" class="icon-button" aria-label={text.composer.cancel} onClick={() => props.onCancel()}>
        <Icon name="close" />
      </button>
    </div>
  );
};
