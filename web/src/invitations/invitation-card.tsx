import type { Invitation } from '@chatapp/contract/shapes';
import { createSignal, Show } from 'solid-js';
import { codeOf, type FailureCode } from '../api/api-error.ts';
import { useApp } from '../context.ts';
import { failureText, text } from '../i18n/text.ts';
import { pathOf } from '../ui/route.ts';

/** An invitation of me, answered where it stands. */
export const InvitationCard = (props: { invitation: Invitation }) => {
  const { client, route, notices } = useApp();
  const [busy, setBusy] = createSignal(false);
  const words = text.invitations;

  const answer = async (act: (id: string) => Promise<void>) => {
    const { id, inviter } = props.invitation;
    setBusy(true);
    try {
      await act(id);
      client.invitations.remove(id);
    } catch (error) {
      const code = codeOf(error);
      notices.fail(refusalText(code, inviter.name));
      if (isOver(code)) client.invitations.remove(id);
    } finally {
      setBusy(false);
    }
  };
  const join = async (id: string) => {
    const { conversation } = await client.invitationsApi.accept(id);
    client.conversations.put(conversation);
    route.go(pathOf(conversation.id));
  };

  return (
    <article
      class="invitation"
      aria-label={`${props.invitation.inviter.name} ${words.invites} ${props.invitation.conversation.name}`}
    >
      <p class="invitation-text">
        <strong>{props.invitation.inviter.name}</strong> {words.invites}{' '}
        <strong>{props.invitation.conversation.name}</strong>
        <Show when={props.invitation.conversation.memberCount > 0}>
          <span class="invitation-members">{words.members(props.invitation.conversation.memberCount)}</span>
        </Show>
      </p>
      <div class="invitation-answers">
        <button type="button" class="button button-primary" disabled={busy()} onClick={() => void answer(join)}>
          {words.join}
        </button>
        <button
          type="button"
          class="button"
          disabled={busy()}
          onClick={() => void answer((id) => client.invitationsApi.decline(id))}
        >
          {words.decline}
        </button>
      </div>
    </article>
  );
};

const isOver = (code: FailureCode): boolean => code.startsWith('invitation-') || code === 'not-found';

const refusalText = (code: FailureCode, inviter: string): string => {
  if (code === 'invitation-expired') return text.invitations.expired(inviter);
  return isOver(code) ? text.invitations.gone(inviter) : failureText(code);
};
