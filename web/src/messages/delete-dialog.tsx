import { useApp } from '../context.ts';
import { text } from '../i18n/text.ts';
import { Dialog } from '../ui/dialog.tsx';

/** Asks once more before a message is deleted for everyone. */
const DeleteDialog = (props: { conversationId: string; seq: number }) => {
  const { client, openDialog } = useApp();
  const close = () => openDialog(undefined);
  const remove = () => {
    void client.outbox.add(props.conversationId, { kind: 'delete', seq: props.seq });
    close();
  };
  return (
    <Dialog title={text.message.deleteTitle} onClose={close}>
      <p class="dialog-text">{text.message.deleteHelp}</p>
      <div class="form-buttons">
        <button type="button" class="button" autofocus onClick={close}>
          {text.message.keep}
        </button>
        <button type="button" class="button button-warn" onClick={remove}>
          {text.message.delete}
        </button>
      </div>
    </Dialog>
  );
};
export default DeleteDialog;
