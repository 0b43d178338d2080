import type { Conversation } from '@chatapp/contract/shapes';
import { createMemo, createSignal, createUniqueId, For, Show } from 'solid-js';
import { useApp } from '../context.ts';
import { text } from '../i18n/text.ts';
import { Avatar } from '../ui/avatar.tsx';
import { createChoices } from '../ui/choices.ts';
import { Dialog } from '../ui/dialog.tsx';
import { pathOf } from '../ui/route.ts';
import { avatarOf, nameOf } from './conversation-name.ts';

const shownMax = 8;

/** Jumps to a conversation by a part of its name. */
const FindDialog = () => {
  const { client, route, openDialog } = useApp();
  const listId = createUniqueId();
  const [query, setQuery] = createSignal('');
  const close = () => openDialog(undefined);
  const found = createMemo(() =>
    client.conversations
      .list()
      .filter((conversation) => nameOf(conversation).toLocaleLowerCase().includes(query().trim().toLocaleLowerCase()))
      .slice(0, shownMax),
  );
  const take = ({ id }: Conversation) => {
    close();
    route.go(pathOf(id));
  };
  const choices = createChoices({ items: found, take });
  return (
    <Dialog title={text.find.title} onClose={close} plain>
      <input
        type="text"
        class="find-input"
        role="combobox"
        aria-label={text.find.title}
        aria-expanded={found().length > 0}
        aria-controls={listId}
        aria-activedescendant={found()[choices.active()] ? `${listId}-${choices.active()}` : undefined}
        placeholder={text.find.placeholder}
        autocomplete="off"
        autofocus
        value={query()}
        onInput={(event) => setQuery(event.currentTarget.value)}
        onKeyDown={choices.onKeyDown}
      />
      <ul class="options" role="listbox" id={listId} aria-label={text.find.results}>
        <For each={found()}>
          {(conversation, index) => (
            <li
              id={`${listId}-${index()}`}
              role="option"
              class="option"
              aria-selected={choices.active() === index()}
              onPointerMove={() => choices.setActive(index())}
              onClick={() => take(conversation)}
            >
              <Avatar {...avatarOf(conversation)} size="small" />
              <span class="option-name">{nameOf(conversation)}</span>
            </li>
          )}
        </For>
      </ul>
      <Show when={found().length === 0}>
        <p class="picker-note">{text.find.nothing}</p>
      </Show>
    </Dialog>
  );
};
export default FindDialog;
