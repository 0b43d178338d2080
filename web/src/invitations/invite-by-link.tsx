import type { Invitation } from '@chatapp/contract/shapes';
import { createSignal, Show } from 'solid-js';
import { useApp } from '../context.ts';
import { dialogText } from '../i18n/dialog-text.ts';
import { failureText } from '../i18n/text.ts';
import { createAttempt } from '../ui/attempt.ts';
import { CopyField } from '../ui/copy-field.tsx';
import { FormFault } from '../ui/form-fault.tsx';
import type { InviteWayProps } from './invite-by-person.tsx';
import { createInviteTerms } from './invite-terms.ts';
import { QrCode } from './qr-code.tsx';
import { SentList } from './sent-list.tsx';
import { TermsFields } from './terms-fields.tsx';

/** Makes a link that lets in whoever has it. Its address is shown once: the server keeps only what it can be recognised by. */
export const InviteByLink = (props: InviteWayProps) => {
  const { client } = useApp();
  const words = dialogText.invite;
  const terms = createInviteTerms();
  const [made, setMade] = createSignal<Invitation>();
  const [fault, setFault] = createSignal('');
  const attempt = createAttempt(setFault, (code) => words.linkRefusals[code] ?? failureText(code));
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    setFault('');
    await attempt.run(async () => {
      const invitation = await client.invitationsApi.invite(props.conversation.id, terms.ofLink());
      setMade(invitation);
      props.sent.add(invitation);
    });
  };
  /** No longer shown once it was revoked. */
  const url = () => {
    const link = made();
    return link && props.sent.of('link').some(({ id }) => id === link.id) ? link.url : undefined;
  };
  return (
    <>
      <form class="form" onSubmit={submit}>
        <p class="form-help">{words.linkHelp}</p>
        <TermsFields terms={terms} conversation={props.conversation} withUses />
        <FormFault text={fault()} />
        <div class="form-buttons">
          <button type="submit" class="button button-primary" disabled={attempt.busy()}>
            {url() ? words.linkAnother : words.linkSubmit}
          </button>
        </div>
      </form>
      <Show when={url()}>
        {(address) => (
          <div class="made-link" role="status">
            <CopyField label={words.linkAddress} value={address()} />
            <div class="made-link-code">
              <QrCode label={words.qr} value={address()} />
              <p class="form-help">{words.linkOnce}</p>
            </div>
          </div>
        )}
      </Show>
      <SentList sent={props.sent} kind="link" title={words.links} />
    </>
  );
};
