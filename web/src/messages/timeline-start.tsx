import { Show } from 'solid-js';
import { useApp } from '../context.ts';
import { avatarOf } from '../conversations/conversation-name.ts';
import { useRoom } from '../conversations/room-context.ts';
import { text } from '../i18n/text.ts';
import { mayInvite } from '../members/rights.ts';
import { Avatar } from '../ui/avatar.tsx';

/** Above the first message: what this conversation is, and whom to ask in when nobody else is here. */
export const TimelineStart = () => {
  const app = useApp();
  const room = useRoom();
  const alone = () => room.conversation().memberCount <= 1 && mayInvite(room.conversation());
  return (
    <div class="timeline-start">
      <Avatar {...avatarOf(room.conversation())} size="large" />
      <p class="timeline-start-title">{text.room.start}</p>
      <Show when={alone()}>
        <p class="timeline-start-help">{text.room.alone}</p>
        <button
          type="button"
          class="button button-primary"
          onClick={() => app.openDialog({ kind: 'invite', conversationId: room.id })}
        >
          {text.invite.invitePeople}
        </button>
      </Show>
    </div>
  );
};
