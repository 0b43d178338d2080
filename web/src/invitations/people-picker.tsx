import type { User } from '@chatapp/contract/shapes';
import { createEffect, createResource, createSignal, createUniqueId, For, on, onCleanup, Show } from 'solid-js';
import { useApp } from '../context.ts';
import { text } from '../i18n/text.ts';
import { Avatar } from '../ui/avatar.tsx';
import { createChoices } from '../ui/choices.ts';
import { Icon } from '../ui/icon.tsx';

export type PeoplePickerProps = {
  chosen: readonly User[];
  onChange: (chosen: User[]) => void;
  /** Shown, but not to be chosen. */
  isMember: (userId: string) => boolean;
  autofocus?: boolean;
};

const searchAfterMs = 150;

/** Finds people of the directory by name; the chosen stand above the field. */
export const PeoplePicker = (props: PeoplePickerProps) => {
  const { client } = useApp();
  const listId = createUniqueId();
  const [query, setQuery] = createSignal('');
  const [found] = createResource(createLater(query), async (asked) => client.conversationsApi.usersLike(asked));
  const people = () =>
    (found.latest ?? []).filter(({ id }) => id !== client.me.id && !props.chosen.some((user) => user.id === id));
  const take = (user: User) => {
    if (props.isMember(user.id)) return;
    props.onChange([...props.chosen, user]);
    setQuery('');
  };
  const drop = (id: string) => props.onChange(props.chosen.filter((user) => user.id !== id));
  const choices = createChoices({ items: people, take });
  const onKeyDown = (event: KeyboardEvent) => {
    const last = props.chosen.at(-1);
    if (event.key === 'Backspace' && query() === '' && last) drop(last.id);
    else if (query() !== '' || event.key !== 'Enter') choices.onKeyDown(event);
  };
  return (
    <div class="picker">
      <div class="picker-field">
        <For each={props.chosen}>{(user) => <Chosen user={user} onRemove={() => drop(user.id)} />}</For>
        <input
          type="text"
          class="picker-input"
          role="combobox"
          aria-label={text.invite.people}
          aria-expanded={people().length > 0}
          aria-controls={listId}
          aria-activedescendant={people()[choices.active()] ? `${listId}-${choices.active()}` : undefined}
          placeholder={props.chosen.length === 0 ? text.invite.placeholder : ''}
          autocomplete="off"
          autofocus={props.autofocus}
          value={query()}
          onInput={(event) => setQuery(event.currentTarget.value)}
          onKeyDown={onKeyDown}
        />
      </div>
      <ul class="options" role="listbox" id={listId} aria-label={text.invite.people}>
        <For each={people()}>
          {(user, index) => (
            <li
              id={`${listId}-${index()}`}
              role="option"
              class="option"
              aria-selected={choices.active() === index()}
              aria-disabled={props.isMember(user.id)}
              onPointerMove={() => choices.setActive(index())}
              onClick={() => take(user)}
            >
              <Avatar id={user.id} name={user.name} kind="person" avatarUrl={user.avatarUrl} size="small" />
              <span class="option-name">{user.name}</span>
              <Show when={props.isMember(user.id)}>
                <span class="option-note">{text.invite.isMember}</span>
              </Show>
            </li>
          )}
        </For>
      </ul>
      <Show when={query() !== '' && !found.loading && people().length === 0}>
        <p class="picker-note">{text.invite.nobody}</p>
      </Show>
    </div>
  );
};

const Chosen = (props: { user: User; onRemove: () => void }) => (
  <span class="chip">
    {props.user.name}
    <button
      type="button"
      class="chip-remove"
      aria-label={text.invite.remove(props.user.name)}
      onClick={() => props.onRemove()}
    >
      <Icon name="close" />
    </button>
  </span>
);

/** The value once it has rested for a moment: a search for every key would be one for nothing. */
const createLater = (value: () => string): (() => string) => {
  const [rested, setRested] = createSignal(value());
  createEffect(
    on(
      value,
      (next) => {
        const timer = setTimeout(() => setRested(next), searchAfterMs);
        onCleanup(() => clearTimeout(timer));
      },
      { defer: true },
    ),
  );
  return rested;
};
