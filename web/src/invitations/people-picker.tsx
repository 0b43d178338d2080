import type { User } from '@chatapp/contract/shapes';
import { createEffect, createResource, createSignal, For, on, onCleanup, Show } from 'solid-js';
import { useApp } from '../context.ts';
import { text } from '../i18n/text.ts';
import { Avatar } from '../ui/avatar.tsx';
import { Combobox } from '../ui/combobox.tsx';
import { Icon } from '../ui/icon.tsx';

export type PeoplePickerProps = {
  chosen: readonly User[];
  onChange: (chosen: User[]) => void;
  /** Shown, but not to be chosen. */
  isMember: (userId: string) => boolean;
  autofocus?: boolean;
};

const searchAfterMs = 150;

/** Finds people of the directory by name; the chosen stand in the field. */
export const PeoplePicker = (props: PeoplePickerProps) => {
  const { client } = useApp();
  const [query, setQuery] = createSignal('');
  // A search that fails finds nobody; the next key searches again.
  const [found] = createResource(createLater(query), (asked) =>
    client.conversationsApi.usersLike(asked.trim()).catch(() => []),
  );
  const people = () =>
    (found.latest ?? []).filter(({ id }) => id !== client.me.id && !props.chosen.some((user) => user.id === id));
  const take = (user: User) => {
    props.onChange([...props.chosen, user]);
    setQuery('');
  };
  const drop = (id: string) => props.onChange(props.chosen.filter((user) => user.id !== id));
  return (
    <div class="picker">
      <Combobox
        label={text.invite.people}
        placeholder={props.chosen.length === 0 ? text.invite.placeholder : ''}
        query={query()}
        onQuery={setQuery}
        items={people()}
        onTake={take}
        isDisabled={({ id }) => props.isMember(id)}
        onBack={() => props.onChange(props.chosen.slice(0, -1))}
        autofocus={props.autofocus ?? false}
        chosen={<For each={props.chosen}>{(user) => <Chosen user={user} onRemove={() => drop(user.id)} />}</For>}
        option={(user) => (
          <>
            <Avatar id={user.id} name={user.name} kind="person" avatarUrl={user.avatarUrl} size="small" />
            <span class="option-name">{user.name}</span>
            <Show when={props.isMember(user.id)}>
              <span class="option-note">{text.invite.isMember}</span>
            </Show>
          </>
        )}
      />
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
