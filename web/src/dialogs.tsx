import { createMemo, lazy, Match, Switch } from 'solid-js';
import { type OpenDialog, useApp } from './context.ts';
import { LatePart } from './ui/late-part.tsx';

const AccountDialog = lazy(() => import('./account/account-dialog.tsx'));
const DeleteAccountDialog = lazy(() => import('./account/delete-account-dialog.tsx'));
const CreateDialog = lazy(() => import('./conversations/create-dialog.tsx'));
const FindDialog = lazy(() => import('./conversations/find-dialog.tsx'));
const InvitationDialog = lazy(() => import('./invitations/invitation-dialog.tsx'));
const InviteDialog = lazy(() => import('./invitations/invite-dialog.tsx'));
const TransferDialog = lazy(() => import('./members/transfer-dialog.tsx'));
const UnsentDialog = lazy(() => import('./outbox/unsent-dialog.tsx'));
const AuditDialog = lazy(() => import('./settings/audit-dialog.tsx'));
const SettingsDialog = lazy(() => import('./settings/settings-dialog.tsx'));
const ConfirmDialog = lazy(() => import('./ui/confirm-dialog.tsx'));
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
    <LatePart onFailed={() => app.openDialog(undefined)}>
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
        <Match when={of('account')}>
          <AccountDialog />
        </Match>
        <Match when={of('delete-account')}>
          <DeleteAccountDialog />
        </Match>
        <Match when={of('invitation')}>{(dialog) => <InvitationDialog id={dialog().id} />}</Match>
        <Match when={of('invite')}>{(dialog) => <InviteDialog conversationId={dialog().conversationId} />}</Match>
        <Match when={of('transfer')}>{(dialog) => <TransferDialog {...dialog()} />}</Match>
        <Match when={of('settings')}>{(dialog) => <SettingsDialog conversationId={dialog().conversationId} />}</Match>
        <Match when={of('audit')}>{(dialog) => <AuditDialog conversationId={dialog().conversationId} />}</Match>
        <Match when={of('confirm')}>{(dialog) => <ConfirmDialog confirmation={dialog().confirmation} />}</Match>
      </Switch>
    </LatePart>
  );
};
