import { createEffect, on } from 'solid-js';
import { useApp } from '../context.ts';
import { text } from '../i18n/text.ts';
import { Dialog } from '../ui/dialog.tsx';
import { UnsentList } from './unsent-list.tsx';

/** All messages that did not go out, of all conversations. */
const UnsentDialog = () => {
  const { client, openDialog } = useApp();
  const close = () => openDialog(undefined);
  const failed = () => client.outbox.items().filter(({ phase }) => phase === 'failed');
  createEffect(on(failed, (items) => items.length === 0 && close(), { defer: true }));
  return (
    <Dialog title={text.unsent.title(failed().length)} onClose={close}>
      <UnsentList items={failed()} />
    </Dialog>
  );
};
export default UnsentDialog;
