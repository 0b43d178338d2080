import { createSignal, Show } from 'solid-js';
import { codeOf } from '../api/api-error.ts';
import { useApp } from '../context.ts';
import { failureText, text } from '../i18n/text.ts';
import { Dialog } from '../ui/dialog.tsx';
import { nameOf } from './conversation-name.ts';

/** Asks once more before leaving: there is no way back without an invitation. */
const LeaveDialog = (props: { conversationId: string }) => {
  const { client, route, openDialog } = useApp();
  const [busy, setBusy] = createSignal(false);
  const [fault, setFault] = createSignal('');
  const close = () => openDialog(undefined);
  const name = () => {
    const conversation = client.conversations.get(props.conversationId);
    return conversation ? nameOf(conversation) : '';
  };
  const leave = async () => {
    setBusy(true);
    try {
      await client.leave(props.conversationId);
      close();
      route.go('/', { replace: true });
    } catch (error) {
      const code = codeOf(error);
      setFault(code === 'last-owner' ? text.room.lastOwner : failureText(code));
      setBusy(false);
    }
  };
  return (
    <Dialog title={text.room.leaveTitle(name())} onClose={close}>
      <p class="dialog-text">{text.room.leaveHelp}</p>
      <Show when={fault()}>
        <p class="form-fault" role="alert">
          {fault()}
        </p>
      </Show>
      <div class="form-buttons">
        <button type="button" class="button" autofocus onClick={close}>
          {text.room.stay}
        </button>
        <button type="button" class="button button-warn" disabled={busy()} onClick={() => void leave()}>
          {text.room.leave}
        </button>
      </div>
    </Dialog>
  );
};
export default LeaveDialog;
