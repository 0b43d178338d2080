import { createMemo, lazy, Match, Suspense, Switch } from 'solid-js';
import { type OpenDialog, useApp } from './context.ts';

const CreateDialog = lazy(() => import('./conversations/create-dialog.tsx'));
const FindDialog = lazy(() => import('./conversations/find-dialog.tsx'));
const LeaveDialog = lazy(() => import('./conversations/leave-dialog.tsx'));
const InviteDialog = lazy(() => import('./invitations/invite-dialog.tsx'));
const DeleteDialog = lazy(() => import('./messages/delete-dialog.tsx'));
const UnsentDialog = lazy(() => import('./outbox/unsent-dialog.tsx'));
const KeysDialog = lazy(() => import('./ui/keys-dialog.tsx'));

/** The open dialog; each is loaded when it is first opened. */
export const Dialogs = () => {
  const app = useApp();
  const open = createMemo(() => app.dialog());
  const of = <Kind extends OpenDialog['kind']>(kind: Kind) => {
    const dialog = open();
    return dialog?.kind === kind ? (dialog as Extract<OpenDialog, { kind: Kind }>) : undefined;
  };
  return (
    <Suspense>
      <Switch>
        <Match when={of('create')}>
          <CreateDialog />
        </Match>
        <Match when={of('find')}>
          <FindDialog />
        </Match>
        <Match when={of('keys')}>
          <KeysDialog />
        </Match>
        <Match when={of('unsent')}>
          <UnsentDialog />
        </Match>
        <Match when={of('invite')}>{(dialog) => <InviteDialog conversationId={dialog().conversationId} />}</Match>
        <Match when={of('leave')}>{(dialog) => <LeaveDialog conversationId={dialog().conversationId} />}</Match>
        <Match when={of('delete')}>
          {(dialog) => <DeleteDialog conversationId={dialog().conversationId} seq={dialog().seq} />}
        </Match>
      </Switch>
    </Suspense>
  );
};
