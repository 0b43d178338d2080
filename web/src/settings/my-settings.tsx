import type { UpdateMembership } from '@chatapp/contract/http-conversations';
import type { Conversation } from '@chatapp/contract/shapes';
import { For } from 'solid-js';
import { useApp } from '../context.ts';
import { dialogText } from '../i18n/dialog-text.ts';
import { createAttempt } from '../ui/attempt.ts';
import { SwitchRow } from '../ui/switch-row.tsx';

const levels = ['all', 'mentions', 'none'] as const;

/** What I alone see: pinned, muted, and what counts as news. */
export const MySettings = (props: { conversation: Conversation }) => {
  const { client, notices } = useApp();
  const words = dialogText.settings;
  // One an answer: a second change does not wait for the first.
  const set = (change: UpdateMembership) =>
    createAttempt(notices.fail).run(async () =>
      client.conversations.put(await client.conversationsApi.updateMine(props.conversation.id, change)),
    );
  let choices: HTMLFieldSetElement | undefined;
  const choose = async (notify: (typeof levels)[number]) => {
    if (await set({ notify })) return;
    const held = choices?.querySelectorAll('input')[levels.indexOf(props.conversation.notify)];
    if (held) held.checked = true;
  };
  return (
    <section class="section" aria-label={words.mine}>
      <h3 class="section-title">{words.mine}</h3>
      <SwitchRow
        label={words.pinned}
        help={words.pinnedHelp}
        on={props.conversation.pinned}
        onChange={(pinned) => set({ pinned })}
      />
      <SwitchRow
        label={words.muted}
        help={words.mutedHelp}
        on={props.conversation.muted}
        onChange={(muted) => set({ muted })}
      />
      <fieldset ref={choices} class="choices">
        <legend class="field-label">{words.notify}</legend>
        <For each={levels}>
          {(level) => (
            <label class="choice">
              <input
                type="radio"
                name="notify"
                checked={props.conversation.notify === level}
                onChange={() => void choose(level)}
              />
              <span>{words.levels[level]}</span>
            </label>
          )}
        </For>
      </fieldset>
    </section>
  );
};
