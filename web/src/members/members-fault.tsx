import { Show } from 'solid-js';
import { useApp } from '../context.ts';
import { text } from '../i18n/text.ts';

/** In place of the members of a conversation, where these could not be loaded. */
export const MembersFault = (props: { conversationId: string }) => {
  const { members } = useApp().client;
  return (
    <Show when={members.failed(props.conversationId)}>
      <div role="alert">
        <p class="form-fault">{text.members.failed}</p>
        <button
          type="button"
          class="text-button"
          onClick={() => void members.load(props.conversationId).catch(() => undefined)}
        >
          {text.members.again}
        </button>
      </div>
    </Show>
  );
};
