import { limits } from '@chatapp/contract/limits';
import type { Conversation } from '@chatapp/contract/shapes';
import { createSignal, Show } from 'solid-js';
import { useApp } from '../context.ts';
import { dialogText } from '../i18n/dialog-text.ts';
import { createAttempt } from '../ui/attempt.ts';
import { FormFault } from '../ui/form-fault.tsx';

/** Name and topic, for everybody. */
export const NameSettings = (props: { conversation: Conversation }) => {
  const { client, notices } = useApp();
  const words = dialogText.settings;
  const [name, setName] = createSignal(props.conversation.name);
  const [topic, setTopic] = createSignal(props.conversation.topic ?? '');
  const [fault, setFault] = createSignal('');
  const attempt = createAttempt(setFault);
  const isChanged = () =>
    name().trim() !== props.conversation.name || topic().trim() !== (props.conversation.topic ?? '');
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    if (name().trim() === '') return void setFault(dialogText.create.nameMissing);
    setFault('');
    const saved = await attempt.run(async () => {
      const body = { name: name().trim(), topic: topic().trim() || null };
      client.conversations.put(await client.conversationsApi.update(props.conversation.id, body));
    });
    if (saved) notices.tell(words.saved);
  };
  return (
    <form class="form section" aria-label={words.about} onSubmit={submit}>
      <label class="field">
        <span class="field-label">{dialogText.create.name}</span>
        <input
          type="text"
          class="input"
          autocomplete="off"
          maxLength={limits.conversationNameLengthMax}
          value={name()}
          onInput={({ currentTarget }) => setName(currentTarget.value)}
        />
      </label>
      <label class="field">
        <span class="field-label">{words.topic}</span>
        <input
          type="text"
          class="input"
          autocomplete="off"
          maxLength={limits.topicLengthMax}
          placeholder={words.topicPlaceholder}
          value={topic()}
          onInput={({ currentTarget }) => setTopic(currentTarget.value)}
        />
      </label>
      <FormFault text={fault()} />
      <Show when={isChanged()}>
        <div class="form-buttons">
          <button type="submit" class="button button-primary" disabled={attempt.busy()}>
            {words.save}
          </button>
        </div>
      </Show>
    </form>
  );
};
