import { text } from '../i18n/text.ts';

/** In place of the page of an invitation, whose script could not be loaded. */
export const InviteUnloaded = (props: { onAgain: () => void }) => (
  <main class="room room-none">
    <div class="empty" role="alert">
      <h2>{text.connection.unshown}</h2>
      <button type="button" class="button button-primary" onClick={() => props.onAgain()}>
        {text.room.again}
      </button>
      <button type="button" class="button" onClick={() => window.location.reload()}>
        {text.connection.reload}
      </button>
    </div>
  </main>
);
