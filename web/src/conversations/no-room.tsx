import { Show } from 'solid-js';
import { useApp } from '../context.ts';
import { text } from '../i18n/text.ts';

/** Stands where a conversation would, while none is open. */
export const NoRoom = () => {
  const app = useApp();
  const some = () => app.client.conversations.list().length > 0;
  return (
    <div class="room room-none">
      <Show when={app.client.conversations.status() === 'ready'}>
        <Show
          when={some()}
          fallback={
            <div class="empty">
              <div class="door-mark" aria-hidden="true" />
              <h2>{text.side.empty}</h2>
              <p>{text.side.emptyHelp}</p>
              <button type="button" class="button button-primary" onClick={() => app.openDialog({ kind: 'create' })}>
                {text.side.create}
              </button>
            </div>
          }
        >
          <div class="empty">
            <h2>{text.room.none}</h2>
            <p>{text.room.noneHelp}</p>
          </div>
        </Show>
      </Show>
    </div>
  );
};
