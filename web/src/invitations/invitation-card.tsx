import type { Invitation } from '@chatapp/contract/shapes';
import { Show } from 'solid-js';
import { useApp } from '../context.ts';
import { text } from '../i18n/text.ts';
import { createAnswer } from './answer-invitation.ts';

/** An invitation of me, answered where it stands; its name opens a closer look. */
export const InvitationCard = (props: { invitation: Invitation }) => {
  const app = useApp();
  const words = text.invitations;
  const answer = createAnswer(app, () => props.invitation);
  return (
    <article
      class="invitation"
      aria-label={`${props.invitation.inviter.name} ${words.invites} ${props.invitation.conversation.name}`}
    >
      <p class="invitation-text">
        <strong>{props.invitation.inviter.name}</strong> {words.invites}{' '}
        <button
          type="button"
          class="text-button invitation-name"
          title={words.open(props.invitation.conversation.name)}
          onClick={() => app.openDialog({ kind: 'invitation', id: props.invitation.id })}
        >
          {props.invitation.conversation.name}
        </button>
        <Show when={props.invitation.conversation.memberCount > 0}>
          <span class="invitation-members">{words.members(props.invitation.conversation.memberCount)}</span>
        </Show>
      </p>
      <div class="invitation-answers">
        <button type="button" class="button button-primary" disabled={answer.busy()} onClick={() => void answer.join()}>
          {words.join}
        </button>
        <button type="button" class="button" disabled={answer.busy()} onClick={() => void answer.decline()}>
          {words.decline}
        </button>
      </div>
    </article>
  );
};
