import { createEffect, Show } from 'solid-js';
import { useApp } from '../context.ts';
import { dialogText } from '../i18n/dialog-text.ts';
import { text } from '../i18n/text.ts';
import { Dialog } from '../ui/dialog.tsx';
import { createAnswer } from './answer-invitation.ts';
import { InvitationPreview } from './invitation-preview.tsx';

/** A closer look at an invitation of mine, before answering it. It closes when the invitation is answered or taken back. */
const InvitationDialog = (props: { id: string }) => {
  const app = useApp();
  const words = { ...text.invitations, ...dialogText.invitation };
  const found = () => app.client.invitations.pending().find(({ id }) => id === props.id);
  const close = () => app.openDialog(undefined);
  createEffect(() => {
    if (!found()) close();
  });
  return (
    <Show when={found()}>
      {(invitation) => {
        const answer = createAnswer(app, invitation);
        return (
          <Dialog title={words.title} onClose={close}>
            <InvitationPreview invitation={invitation()}>
              <button
                type="button"
                class="button button-primary"
                autofocus
                disabled={answer.busy()}
                onClick={() => void answer.join()}
              >
                {words.join}
              </button>
              <button type="button" class="button" disabled={answer.busy()} onClick={() => void answer.decline()}>
                {words.decline}
              </button>
            </InvitationPreview>
            <div class="preview-block">
              <p class="form-help">{words.blockHelp(invitation().inviter.name)}</p>
              <button
                type="button"
                class="text-button text-button-warn"
                disabled={answer.busy()}
                onClick={() => void answer.declineAndBlock()}
              >
                {words.block(invitation().inviter.name)}
              </button>
            </div>
          </Dialog>
        );
      }}
    </Show>
  );
};
export default InvitationDialog;
