import type { Invitation } from '@chatapp/contract/shapes';
import { For, Show } from 'solid-js';
import { useApp } from '../context.ts';
import { dialogText } from '../i18n/dialog-text.ts';
import { untilOf } from '../i18n/format.ts';
import { text } from '../i18n/text.ts';
import { createAttempt } from '../ui/attempt.ts';
import { Icon } from '../ui/icon.tsx';
import type { SentInvitations } from './sent-invitations.ts';

export type SentListProps = { sent: SentInvitations; kind: Invitation['kind']; title: string };

/** Invitations that wait or links that still let in; each can be ended. */
export const SentList = (props: SentListProps) => (
  <Show when={props.sent.of(props.kind).length > 0}>
    <section class="sent" aria-label={props.title}>
      <h3 class="section-title">{props.title}</h3>
      <ul>
        <For each={props.sent.of(props.kind)}>
          {(invitation) => <SentRow invitation={invitation} sent={props.sent} />}
        </For>
      </ul>
    </section>
  </Show>
);

const icons = { person: 'person', email: 'mail', link: 'link' } as const;

const SentRow = (props: { invitation: Invitation; sent: SentInvitations }) => {
  const { notices, client } = useApp();
  const words = dialogText.invite;
  const attempt = createAttempt(notices.fail);
  const name = () => nameOf(props.invitation);
  const about = () => {
    const { role, inviter, expiresAt } = props.invitation;
    const by = inviter.id === client.me.id ? [] : [words.sentBy(inviter.name)];
    return [text.system.roles[role], expiresAt === null ? words.noEnd : untilOf(Date.parse(expiresAt)), ...by].join(
      ' · ',
    );
  };
  return (
    <li class="sent-row">
      <Icon name={icons[props.invitation.kind]} />
      <span class="sent-main">
        <span class="sent-name">{name()}</span>
        <span class="form-help">{about()}</span>
      </span>
      <button
        type="button"
        class="text-button"
        aria-label={words.revokeNamed(name())}
        disabled={attempt.busy()}
        onClick={() => void attempt.run(() => props.sent.revoke(props.invitation.id))}
      >
        {words.revoke}
      </button>
    </li>
  );
};

const nameOf = ({ kind, invitee, email, uses, usesMax }: Invitation): string => {
  if (kind === 'link') return dialogText.invite.used(uses, usesMax);
  return invitee?.name ?? email ?? dialogText.invite.someAddress;
};
