import type { User } from '@chatapp/contract/shapes';
import { createSignal, For, Show } from 'solid-js';
import { useApp } from '../context.ts';
import { nameOf } from '../conversations/conversation-name.ts';
import { dialogText } from '../i18n/dialog-text.ts';
import { text } from '../i18n/text.ts';
import { createAttempt } from '../ui/attempt.ts';
import { Avatar } from '../ui/avatar.tsx';
import { Dialog } from '../ui/dialog.tsx';

export type TransferDialogProps = {
  conversationId: string;
  userId?: string | undefined;
  thenLeave?: boolean | undefined;
};

/** Hands the conversation over to another member; where it was asked for on the way out, leaves it then. */
const TransferDialog = (props: TransferDialogProps) => {
  const { client, route, notices, openDialog } = useApp();
  const words = dialogText.transfer;
  const [heir, setHeir] = createSignal(props.userId);
  const [fault, setFault] = createSignal('');
  const attempt = createAttempt(setFault);
  const close = () => openDialog(undefined);
  const name = () => {
    const conversation = client.conversations.get(props.conversationId);
    return conversation ? nameOf(conversation) : '';
  };
  const others = (): User[] =>
    (client.members.of(props.conversationId) ?? []).map(({ user }) => user).filter(({ id }) => id !== client.me.id);
  const handOver = async (userId: string) => {
    client.conversations.put(await client.membersApi.transfer(props.conversationId, userId));
    if (!props.thenLeave) return notices.tell(words.done(client.people.find(userId)?.name ?? text.timeline.unknown));
    await client.leave(props.conversationId);
    route.go('/', { replace: true });
  };
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const userId = heir();
    if (userId !== undefined && (await attempt.run(() => handOver(userId)))) close();
  };
  return (
    <Dialog title={words.title(name())} onClose={close}>
      <form class="form" onSubmit={submit}>
        <p class="dialog-text">{props.thenLeave ? words.helpLeave : words.help}</p>
        <fieldset class="choices" aria-label={words.to}>
          <For each={others()}>
            {(user) => (
              <label class="choice">
                <input type="radio" name="heir" checked={heir() === user.id} onChange={() => setHeir(user.id)} />
                <Avatar id={user.id} name={user.name} kind="person" avatarUrl={user.avatarUrl} size="small" />
                <span class="option-name">{user.name}</span>
              </label>
            )}
          </For>
        </fieldset>
        <Show when={fault()}>
          <p class="form-fault" role="alert">
            {fault()}
          </p>
        </Show>
        <div class="form-buttons">
          <button type="button" class="button" onClick={close}>
            {text.dialog.cancel}
          </button>
          <button type="submit" class="button button-warn" disabled={attempt.busy() || heir() === undefined}>
            {props.thenLeave ? words.submitLeave : words.submit}
          </button>
        </div>
      </form>
    </Dialog>
  );
};
export default TransferDialog;
