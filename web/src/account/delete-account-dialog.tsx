import { createSignal, For, Show } from 'solid-js';
import { useApp } from '../context.ts';
import { nameOf } from '../conversations/conversation-name.ts';
import { dialogText } from '../i18n/dialog-text.ts';
import { failureText } from '../i18n/text.ts';
import { mustHandOver } from '../members/rights.ts';
import { createAttempt } from '../ui/attempt.ts';
import { Dialog } from '../ui/dialog.tsx';
import { FormFault } from '../ui/form-fault.tsx';

/** Ends my account. It is typed and not only pressed: there is no way back. */
const DeleteAccountDialog = () => {
  const { client, openDialog } = useApp();
  const words = dialogText.deleteAccount;
  const [typed, setTyped] = createSignal('');
  const [fault, setFault] = createSignal('');
  const attempt = createAttempt(setFault, (code) => (code === 'last-owner' ? words.ownsHelp : failureText(code)));
  const owned = () => [...client.conversations.list(), ...client.conversations.archived()].filter(mustHandOver);
  const isSure = () => typed().trim().toLocaleLowerCase() === client.me.name.trim().toLocaleLowerCase();
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    setFault('');
    if (!isSure()) return;
    const isGone = await attempt.run(async () => {
      await client.accountApi.remove();
      await client.bffApi.endOtherDevices().catch(() => undefined);
    });
    if (isGone) window.location.assign(client.logoutUrl);
  };
  return (
    <Dialog title={words.title} onClose={() => openDialog({ kind: 'account' })}>
      <p class="dialog-text">{words.help}</p>
      <Show
        when={owned().length === 0}
        fallback={
          <>
            <p class="form-fault">{words.ownsHelp}</p>
            <ul class="owned">
              <For each={owned()}>
                {(conversation) => (
                  <li class="sent-row">
                    <span class="sent-main sent-name">{nameOf(conversation)}</span>
                    <button
                      type="button"
                      class="text-button"
                      aria-label={dialogText.transfer.title(nameOf(conversation))}
                      onClick={() =>
                        openDialog({ kind: 'transfer', conversationId: conversation.id, next: 'delete-account' })
                      }
                    >
                      {dialogText.transfer.submit}
                    </button>
                  </li>
                )}
              </For>
            </ul>
          </>
        }
      >
        <form class="form" onSubmit={submit}>
          <label class="field">
            <span class="field-label">{words.type(client.me.name)}</span>
            <input
              type="text"
              class="input"
              autocomplete="off"
              autofocus
              value={typed()}
              onInput={({ currentTarget }) => setTyped(currentTarget.value)}
            />
          </label>
          <FormFault text={fault()} />
          <div class="form-buttons">
            <button type="button" class="button" onClick={() => openDialog({ kind: 'account' })}>
              {words.keep}
            </button>
            <button type="submit" class="button button-warn" disabled={attempt.busy() || !isSure()}>
              {words.submit}
            </button>
          </div>
        </form>
      </Show>
    </Dialog>
  );
};
export default DeleteAccountDialog;
