import { limits } from '@chatapp/contract/limits';
import { createSignal, Show } from 'solid-js';
import { useApp } from '../context.ts';
import { dialogText } from '../i18n/dialog-text.ts';
import { failureText } from '../i18n/text.ts';
import { createAttempt } from '../ui/attempt.ts';
import { FormFault } from '../ui/form-fault.tsx';
import { PictureField } from '../ui/picture-field.tsx';

/** My name and picture, as others see them. */
export const Profile = () => {
  const { client, notices } = useApp();
  const words = dialogText.accountPage;
  const [name, setName] = createSignal(client.me.name);
  const [fault, setFault] = createSignal('');
  const attempt = createAttempt(setFault, failureText);
  const isChanged = () => name().trim() !== '' && name().trim() !== client.me.name;
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    if (!isChanged()) return;
    setFault('');
    const isSaved = await attempt.run(async () =>
      client.learnMe(await client.accountApi.update({ name: name().trim() })),
    );
    if (isSaved) notices.tell(dialogText.settings.saved);
  };
  return (
    <section class="section" aria-label={words.profile}>
      <Picture onFault={setFault} />
      <form class="form" onSubmit={submit}>
        <label class="field">
          <span class="field-label">{dialogText.create.name}</span>
          <input
            type="text"
            class="input"
            autocomplete="name"
            maxLength={limits.userNameLengthMax}
            value={name()}
            onInput={({ currentTarget }) => setName(currentTarget.value)}
          />
          <Show when={client.me.email}>{(email) => <span class="form-help">{words.signedInWith(email())}</span>}</Show>
        </label>
        <FormFault text={fault()} />
        <Show when={isChanged()}>
          <div class="form-buttons">
            <button type="submit" class="button button-primary" disabled={attempt.busy()}>
              {dialogText.settings.save}
            </button>
          </div>
        </Show>
      </form>
    </section>
  );
};

const Picture = (props: { onFault: (text: string) => void }) => {
  const { client } = useApp();
  const attempt = createAttempt(props.onFault);
  const save = (picture: Blob) =>
    void attempt.run(async () => client.learnMe(await client.accountApi.setPicture(picture)));
  const remove = () =>
    void attempt.run(async () => client.learnMe(await client.accountApi.update({ avatarUrl: null })));
  return (
    <PictureField
      avatar={{ id: client.me.id, name: client.me.name, kind: 'person', avatarUrl: client.me.avatarUrl }}
      busy={attempt.busy()}
      onPick={save}
      onRemove={remove}
      onFault={props.onFault}
    />
  );
};
