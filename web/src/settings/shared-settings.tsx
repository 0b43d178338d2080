import type { UpdateConversation } from '@chatapp/contract/http-conversations';
import type { Conversation } from '@chatapp/contract/shapes';
import { Show } from 'solid-js';
import { useApp } from '../context.ts';
import { dialogText } from '../i18n/dialog-text.ts';
import { createAttempt } from '../ui/attempt.ts';
import { CopyField } from '../ui/copy-field.tsx';
import { pathOf } from '../ui/route.ts';
import { SwitchRow } from '../ui/switch-row.tsx';

/** Who may let people in, and whether reading shows, for everybody. */
export const SharedSettings = (props: { conversation: Conversation }) => {
  const { client, notices } = useApp();
  const words = dialogText.settings;
  // One an answer: a second change does not wait for the first.
  const set = (change: UpdateConversation) =>
    createAttempt(notices.fail).run(async () =>
      client.conversations.put(await client.conversationsApi.update(props.conversation.id, change)),
    );
  return (
    <section class="section" aria-label={words.people}>
      <h3 class="section-title">{words.people}</h3>
      <SwitchRow
        label={words.membersMayInvite}
        help={words.membersMayInviteHelp}
        on={props.conversation.membersMayInvite}
        onChange={(membersMayInvite) => set({ membersMayInvite })}
      />
      <SwitchRow
        label={words.joinable}
        help={words.joinableHelp}
        on={props.conversation.joinable}
        onChange={(joinable) => set({ joinable })}
      />
      <SwitchRow
        label={words.receipts}
        help={words.receiptsHelp}
        on={props.conversation.receipts}
        onChange={(receipts) => set({ receipts })}
      />
      <Show when={props.conversation.joinable}>
        <CopyField label={words.address} value={`${window.location.origin}${pathOf(props.conversation.id)}`} />
      </Show>
    </section>
  );
};
