import { limits } from '@chatapp/contract/limits';
import type { User } from '@chatapp/contract/shapes';
import { createSignal, Show } from 'solid-js';
import { codeOf } from '../api/api-error.ts';
import { useApp } from '../context.ts';
import { failureText, text } from '../i18n/text.ts';
import { invitePeople } from '../invitations/invite-people.ts';
import { PeoplePicker } from '../invitations/people-picker.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { pathOf } from '../ui/route.ts';

/** A name, and people if one likes; then the conversation opens. */
const CreateDialog = () => {
  const app = useApp();
  const [name, setName] = createSignal('');
  const [chosen, setChosen] = createSignal<User[]>([]);
  const [busy, setBusy] = createSignal(false);
  const [fault, setFault] = createSignal('');
  const close = () => app.openDialog(undefined);

  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const trimmed = name().trim();
    if (trimmed === '') return void setFault(text.create.nameMissing);
    setBusy(true);
    try {
      const conversation = await app.client.conversationsApi.create({ name: trimmed });
      app.client.conversations.put(conversation);
      app.route.go(pathOf(conversation.id));
      close();
      await invitePeople(app, conversation.id, { people: chosen() });
    } catch (error) {
      setFault(failureText(codeOf(error)));
      setBusy(false);
    }
  };

  return (
    <Dialog title={text.create.title} onClose={close}>
      <form class="form" onSubmit={submit}>
        <label class="field">
          <span class="field-label">{text.create.name}</span>
          <input
            type="text"
            class="input"
            autofocus
            autocomplete="off"
            maxLength={limits.conversationNameLengthMax}
            placeholder={text.create.namePlaceholder}
            aria-invalid={fault() !== ''}
            value={name()}
            onInput={(event) => {
              setName(event.currentTarget.value);
              setFault('');
            }}
          />
        </label>
        <div class="field">
          <span class="field-label" aria-hidden="true">
            {text.create.people}
          </span>
          <PeoplePicker chosen={chosen()} onChange={setChosen} isMember={() => false} />
          <p class="form-help">{text.create.peopleHelp}</p>
        </div>
        <Show when={fault()}>
          <p class="form-fault" role="alert">
            {fault()}
          </p>
        </Show>
        <div class="form-buttons">
          <button type="button" class="button" onClick={close}>
            {text.dialog.cancel}
          </button>
          <button type="submit" class="button button-primary" disabled={busy()}>
            {text.create.submit}
          </button>
        </div>
      </form>
    </Dialog>
  );
};
export default CreateDialog;
