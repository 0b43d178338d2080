import type { User } from '@chatapp/contract/shapes';
import { createEffect, createSignal, For, onMount, Show } from 'solid-js';
import { useApp } from '../context.ts';
import { nameOf } from '../conversations/conversation-name.ts';
import { setArchived } from '../conversations/end-conversation.ts';
import { dialogText } from '../i18n/dialog-text.ts';
import { text } from '../i18n/text.ts';
import { createAttempt } from '../ui/attempt.ts';
import { Avatar } from '../ui/avatar.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { FormFault } from '../ui/form-fault.tsx';
import { MembersFault } from './members-fault.tsx';

export type TransferDialogProps = {
  conversationId: string;
  userId?: string | undefined;
  /** What it was asked for on the way to. */
  next?: 'leave' | 'delete-account' | undefined;
};

/** Hands the conversation over to another member; an archived one is brought back first. */
const TransferDialog = (props: TransferDialogProps) => {
  const app = useApp();
  const { client, openDialog } = app;
  const conversation = () => client.conversations.get(props.conversationId);
  const close = () => openDialog(props.next === 'delete-account' ? { kind: 'delete-account' } : undefined);
  createEffect(() => {
    if (!conversation()) close();
  });
  return (
    <Show when={conversation()}>
      {(found) => (
        <Dialog title={dialogText.transfer.title(nameOf(found()))} onClose={close}>
          <Show when={found().archivedAt !== null} fallback={<TransferForm {...props} onClose={close} />}>
            <p class="dialog-text">{dialogText.transfer.archived}</p>
            <div class="form-buttons">
              <button type="button" class="button" onClick={close}>
                {text.dialog.cancel}
              </button>
              <button type="button" class="button button-primary" onClick={() => void setArchived(app, found(), false)}>
                {dialogText.ending.unarchive}
              </button>
            </div>
          </Show>
        </Dialog>
      )}
    </Show>
  );
};
export default TransferDialog;

const TransferForm = (props: TransferDialogProps & { onClose: () => void }) => {
  const { client, route, notices } = useApp();
  const words = dialogText.transfer;
  const [heir, setHeir] = createSignal(props.userId);
  const [fault, setFault] = createSignal('');
  const attempt = createAttempt(setFault);
  const leaves = () => props.next === 'leave';
  const members = () => client.members.of(props.conversationId);
  const others = () =>
    members()
      ?.map(({ user }) => user)
      .filter(({ id }) => id !== client.me.id);
  // Only an open conversation has loaded them.
  onMount(() => {
    if (!members()) client.members.load(props.conversationId).catch(() => undefined);
  });
  const handOver = async (userId: string) => {
    client.conversations.put(await client.membersApi.transfer(props.conversationId, userId));
    if (!leaves()) return notices.tell(words.done(client.people.find(userId)?.name ?? text.timeline.unknown));
    await client.leave(props.conversationId);
    route.go('/', { replace: true });
  };
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const userId = heir();
    if (userId !== undefined && (await attempt.run(() => handOver(userId)))) props.onClose();
  };
  return (
    <form class="form" onSubmit={submit}>
      <p class="dialog-text">{leaves() ? words.helpLeave : words.help}</p>
      <MembersFault conversationId={props.conversationId} />
      <Show when={!members() && !client.members.failed(props.conversationId)}>
        <div class="skeleton skeleton-lines" role="status" aria-label={text.loading} />
      </Show>
      <fieldset class="choices" aria-label={words.to}>
        <For each={others()}>{(user) => <Heir user={user} chosen={heir() === user.id} onChoose={setHeir} />}</For>
      </fieldset>
      <Show when={client.members.hasMore(props.conversationId)}>
        <button
          type="button"
          class="text-button"
          onClick={() => void client.members.loadMore(props.conversationId).catch(() => undefined)}
        >
          {text.members.more}
        </button>
      </Show>
      <FormFault text={fault()} />
      <div class="form-buttons">
        <button type="button" class="button" onClick={() => props.onClose()}>
          {text.dialog.cancel}
        </button>
        <button type="submit" class="button button-warn" disabled={attempt.busy() || heir() === undefined}>
          {leaves() ? words.submitLeave : words.submit}
        </button>
      </div>
    </form>
  );
};

const Heir = (props: { user: User; chosen: boolean; onChoose: (userId: string) => void }) => (
  <label class="choice">
    <input type="radio" name="heir" checked={props.chosen} onChange={() => props.onChoose(props.user.id)} />
    <Avatar id={props.user.id} name={props.user.name} kind="person" avatarUrl={props.user.avatarUrl} size="small" />
    <span class="option-name">{props.user.name}</span>
  </label>
);
