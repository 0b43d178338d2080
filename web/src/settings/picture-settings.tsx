import type { Conversation } from '@chatapp/contract/shapes';
import { createSignal } from 'solid-js';
import { useApp } from '../context.ts';
import { avatarOf } from '../conversations/conversation-name.ts';
import { createAttempt } from '../ui/attempt.ts';
import { FormFault } from '../ui/form-fault.tsx';
import { PictureField } from '../ui/picture-field.tsx';

/** The conversation's picture, for everybody. */
export const PictureSettings = (props: { conversation: Conversation }) => {
  const { client } = useApp();
  const [fault, setFault] = createSignal('');
  const attempt = createAttempt(setFault);
  const save = (change: () => Promise<Conversation>) =>
    void attempt.run(async () => client.conversations.put(await change()));
  return (
    <div class="section">
      <PictureField
        avatar={avatarOf(props.conversation)}
        busy={attempt.busy()}
        onPick={(picture) => save(() => client.conversationsApi.setPicture(props.conversation.id, picture))}
        onRemove={() => save(() => client.conversationsApi.update(props.conversation.id, { avatarUrl: null }))}
        onFault={setFault}
      />
      <FormFault text={fault()} />
    </div>
  );
};
