import { createSignal, Show } from 'solid-js';
import { useApp } from '../context.ts';
import { dialogText } from '../i18n/dialog-text.ts';
import { failureText } from '../i18n/text.ts';
import { createAttempt } from '../ui/attempt.ts';
import { FormFault } from '../ui/form-fault.tsx';
import type { InviteWayProps } from './invite-by-person.tsx';
import { createInviteTerms } from './invite-terms.ts';
import { SentList } from './sent-list.tsx';
import { TermsFields } from './terms-fields.tsx';

/** Sends an invitation to an address. Only who signs in with that address can use it. */
export const InviteByEmail = (props: InviteWayProps) => {
  const { client } = useApp();
  const words = dialogText.invite;
  const terms = createInviteTerms();
  const [email, setEmail] = createSignal('');
  const [fault, setFault] = createSignal('');
  const [sentTo, setSentTo] = createSignal('');
  const attempt = createAttempt(setFault, (code) => words.emailRefusals[code] ?? failureText(code));
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const address = email().trim();
    setFault('');
    setSentTo('');
    const isSent = await attempt.run(async () =>
      props.sent.add(await client.invitationsApi.invite(props.conversation.id, { email: address, ...terms.ofOne() })),
    );
    if (!isSent) return;
    setSentTo(address);
    setEmail('');
  };
  return (
    <>
      <form class="form" onSubmit={submit}>
        <label class="field">
          <span class="field-label">{words.email}</span>
          <input
            type="email"
            class="input"
            autocomplete="off"
            placeholder={words.emailPlaceholder}
            required
            maxLength={254}
            value={email()}
            aria-invalid={fault() !== ''}
            onInput={({ currentTarget }) => {
              setEmail(currentTarget.value);
              setFault('');
            }}
          />
          <span class="form-help">{words.emailHelp}</span>
        </label>
        <TermsFields terms={terms} conversation={props.conversation} />
        <div class="form-outcome" role="status">
          <Show when={sentTo()}>{words.emailSent(sentTo())}</Show>
        </div>
        <FormFault text={fault()} />
        <div class="form-buttons">
          <button type="submit" class="button button-primary" disabled={attempt.busy() || email().trim() === ''}>
            {words.emailSubmit}
          </button>
        </div>
      </form>
      <SentList sent={props.sent} kind="email" title={words.waiting} />
    </>
  );
};
