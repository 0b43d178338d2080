import type { Conversation, User } from '@chatapp/contract/shapes';
import { createSignal } from 'solid-js';
import { useApp } from '../context.ts';
import { dialogText } from '../i18n/dialog-text.ts';
import { text } from '../i18n/text.ts';
import { invitePeople } from './invite-people.ts';
import { createInviteTerms } from './invite-terms.ts';
import { PeoplePicker } from './people-picker.tsx';
import type { SentInvitations } from './sent-invitations.ts';
import { SentList } from './sent-list.tsx';
import { TermsFields } from './terms-fields.tsx';

export type InviteWayProps = { conversation: Conversation; sent: SentInvitations; onClose: () => void };

/** Picks people of the directory and invites them. */
export const InviteByPerson = (props: InviteWayProps) => {
  const app = useApp();
  const terms = createInviteTerms();
  const [chosen, setChosen] = createSignal<User[]>([]);
  const [busy, setBusy] = createSignal(false);
  const isMember = (userId: string) =>
    app.client.members.of(props.conversation.id)?.some(({ user }) => user.id === userId) ?? false;
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    if (chosen().length === 0) return;
    setBusy(true);
    await invitePeople(app, props.conversation.id, { people: chosen(), terms: terms.ofOne() });
    props.onClose();
  };
  return (
    <>
      <form class="form" onSubmit={submit}>
        <div>
          <PeoplePicker chosen={chosen()} onChange={setChosen} isMember={isMember} autofocus />
          <p class="form-help">{dialogText.invite.help}</p>
        </div>
        <TermsFields terms={terms} conversation={props.conversation} />
        <div class="form-buttons">
          <button type="button" class="button" onClick={() => props.onClose()}>
            {text.dialog.cancel}
          </button>
          <button type="submit" class="button button-primary" disabled={busy() || chosen().length === 0}>
            {dialogText.invite.submit}
          </button>
        </div>
      </form>
      <SentList sent={props.sent} kind="person" title={dialogText.invite.waiting} />
    </>
  );
};
