import type { Conversation } from '@chatapp/contract/shapes';
import { Show } from 'solid-js';
import { dialogText } from '../i18n/dialog-text.ts';
import { text } from '../i18n/text.ts';
import { SelectField } from '../ui/select-field.tsx';
import { expiries, type InviteTerms, rolesToInvite, usesToPick } from './invite-terms.ts';

/** What the invitation gives, until when, and for a link how often. */
export const TermsFields = (props: { terms: InviteTerms; conversation: Conversation; withUses?: boolean }) => {
  const words = dialogText.invite;
  return (
    <div class="terms">
      <SelectField
        label={words.role}
        value={props.terms.role()}
        options={rolesToInvite(props.conversation)}
        textOf={(role) => text.members.roles[role]}
        onChange={props.terms.setRole}
      />
      <SelectField
        label={words.expires}
        value={props.terms.expiresIn()}
        options={expiries}
        textOf={(expiry) => words.expiries[expiry]}
        onChange={props.terms.setExpiresIn}
      />
      <Show when={props.withUses}>
        <SelectField
          label={words.uses}
          value={props.terms.uses()}
          options={usesToPick}
          textOf={words.usesMax}
          onChange={props.terms.setUses}
        />
      </Show>
    </div>
  );
};
