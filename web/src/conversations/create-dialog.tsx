import { limits } from '@chatapp/contract/limits';
import type { Conversation, User } from '@chatapp/contract/shapes';
import { createSignal } from 'solid-js';
import { codeOf } from '../api/api-error.ts';
import { type AppContext, useApp } from '../context.ts';
import { dialogText } from '../i18n/dialog-text.ts';
import { failureText, text } from '../i18n/text.ts';
import { invitePeople } from '../invitations/invite-people.ts';
import { PeoplePicker } from '../invitations/people-picker.tsx';
import { createAttempt } from '../ui/attempt.ts';
import { Dialog } from '../ui/dialog.tsx';
import { FormFault } from '../ui/form-fault.tsx';
import { dataUrlOf } from '../ui/picture.ts';
import { PictureField } from '../ui/picture-field.tsx';
import { pathOf } from '../ui/route.ts';

/** A name, a topic, a picture and people if one likes; then the conversation opens. */
const CreateDialog = () => {
  const app = useApp();
  const [name, setName] = createSignal('');
  const [topic, setTopic] = createSignal('');
  const [picture, setPicture] = createSignal<ChosenPicture>();
  const [chosen, setChosen] = createSignal<User[]>([]);
  const [busy, setBusy] = createSignal(false);
  const [fault, setFault] = createSignal('');
  const close = () => app.openDialog(undefined);

  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const trimmed = name().trim();
    if (trimmed === '') return void setFault(dialogText.create.nameMissing);
    setBusy(true);
    try {
      const conversation = await app.client.conversationsApi.create({ name: trimmed, topic: topic().trim() || null });
      app.client.conversations.put(conversation);
      app.route.go(pathOf(conversation.id));
      close();
      await givePicture(app, conversation, picture()?.file);
      await invitePeople(app, conversation.id, { people: chosen() });
    } catch (error) {
      setFault(failureText(codeOf(error)));
      setBusy(false);
    }
  };

  return (
    <Dialog title={dialogText.create.title} onClose={close}>
      <form class="form" onSubmit={submit}>
        <PictureField
          avatar={{
            id: '',
            name: name().trim() || dialogText.create.title,
            kind: 'group',
            avatarUrl: picture()?.url ?? null,
          }}
          busy={busy()}
          onPick={async (file) => setPicture({ file, url: await dataUrlOf(file) })}
          onRemove={() => setPicture(undefined)}
          onFault={setFault}
        />
        <label class="field">
          <span class="field-label">{dialogText.create.name}</span>
          <input
            type="text"
            class="input"
            autofocus
            autocomplete="off"
            maxLength={limits.conversationNameLengthMax}
            placeholder={dialogText.create.namePlaceholder}
            aria-invalid={fault() !== ''}
            value={name()}
            onInput={(event) => {
              setName(event.currentTarget.value);
              setFault('');
            }}
          />
        </label>
        <label class="field">
          <span class="field-label">{dialogText.settings.topic}</span>
          <input
            type="text"
            class="input"
            autocomplete="off"
            maxLength={limits.topicLengthMax}
            placeholder={dialogText.settings.topicPlaceholder}
            value={topic()}
            onInput={({ currentTarget }) => setTopic(currentTarget.value)}
          />
        </label>
        <div class="field">
          <span class="field-label" aria-hidden="true">
            {dialogText.create.people}
          </span>
          <PeoplePicker chosen={chosen()} onChange={setChosen} isMember={() => false} />
          <p class="form-help">{dialogText.create.peopleHelp}</p>
        </div>
        <FormFault text={fault()} />
        <div class="form-buttons">
          <button type="button" class="button" onClick={close}>
            {text.dialog.cancel}
          </button>
          <button type="submit" class="button button-primary" disabled={busy()}>
            {dialogText.create.submit}
          </button>
        </div>
      </form>
    </Dialog>
  );
};

type ChosenPicture = { file: Blob; url: string };

/** The conversation is there already: what fails now is told, and can be done again in the settings. */
const givePicture = async (app: AppContext, { id, name }: Conversation, file: Blob | undefined): Promise<void> => {
  if (!file) return;
  const tell = () => app.notices.fail(dialogText.create.noPicture(name));
  await createAttempt(tell).run(async () =>
    app.client.conversations.put(await app.client.conversationsApi.setPicture(id, file)),
  );
};
export default CreateDialog;
