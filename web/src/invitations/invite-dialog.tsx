import type { User } from '@chatapp/contract/shapes';
import { createSignal } from 'solid-js';
import { useApp } from '../context.ts';
import { nameOf } from '../conversations/conversation-name.ts';
import { text } from '../i18n/text.ts';
import { Dialog } from '../ui/dialog.tsx';
import { invitePeople } from './invite-people.ts';
import { PeoplePicker } from './people-picker.tsx';

/** Picks people and invites them. */
const InviteDialog = (props: { conversationId: string }) => {
  const app = useApp();
  const { client } = app;
  const [chosen, setChosen] = createSignal<User[]>([]);
  const [busy, setBusy] = createSignal(false);
  const close = () => app.openDialog(undefined);
  const name = () => {
    const conversation = client.conversations.get(props.conversationId);
    return conversation ? nameOf(conversation) : '';
  };
  const isMember = (userId: string) =>
    client.members.of(props.conversationId)?.some(({ user }) => user.id === userId) ?? false;
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    if (chosen().length === 0) return;
    setBusy(true);
    await invitePeople(app, props.conversationId, chosen());
    close();
  };
  return (
    <Dialog title={text.invite.title(name())} onClose={close}>
      <form class="form" onSubmit={submit}>
        <PeoplePicker chosen={chosen()} onChange={setChosen} isMember={isMember} autofocus />
        <p class="form-help">{text.invite.help}</p>
        <div class="form-buttons">
          <button type="button" class="button" onClick={close}>
            {text.dialog.cancel}
          </button>
          <button type="submit" class="button button-primary" disabled={busy() || chosen().length === 0}>
            {text.invite.submit}
          </button>
        </div>
      </form>
    </Dialog>
  );
};
export default InviteDialog;
