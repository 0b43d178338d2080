import type { Invitation } from '@chatapp/contract/shapes';
import { type JSX, Show } from 'solid-js';
import { dialogText } from '../i18n/dialog-text.ts';
import { untilOf } from '../i18n/format.ts';
import { text } from '../i18n/text.ts';
import { Avatar } from '../ui/avatar.tsx';

/** What one joins, who asks, and what one would be there. `children` are the answers. */
export const InvitationPreview = (props: { invitation: Invitation; children: JSX.Element }) => {
  const words = dialogText.invitation;
  const conversation = () => props.invitation.conversation;
  const until = () => props.invitation.expiresAt;
  return (
    <div class="preview">
      <Avatar
        id={conversation().id}
        name={conversation().name}
        kind="group"
        avatarUrl={conversation().avatarUrl}
        size="large"
      />
      <h2 class="preview-name">{conversation().name}</h2>
      <p class="preview-about">{text.invitations.members(conversation().memberCount)}</p>
      <p class="preview-by">
        <Avatar
          id={props.invitation.inviter.id}
          name={props.invitation.inviter.name}
          kind="person"
          avatarUrl={props.invitation.inviter.avatarUrl}
          size="small"
        />
        <span>
          {words.by(props.invitation.inviter.name)} {words.asRole(text.system.roles[props.invitation.role])}
        </span>
      </p>
      <Show when={until()}>
        {(at) => <p class="preview-about">{dialogText.invite.good(untilOf(Date.parse(at())))}</p>}
      </Show>
      <div class="preview-answers">{props.children}</div>
    </div>
  );
};
