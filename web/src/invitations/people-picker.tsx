import type { User } from '@chatapp/contract/shapes';
import { createEffect, createSignal, For, onCleanup, Show } from 'solid-js';
import { useApp } from '../context.ts';
import { dialogText } from '../i18n/dialog-text.ts';
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
const shownMax = 20;

/** Finds people of the directory by name; the chosen stand in the field. */
export const PeoplePicker = (props: PeoplePickerProps) => {
  const { client } = useApp();
  const [query, setQuery] = createSignal('');
  const search = createSearch(query, client.conversationsApi.usersLike);
  // People whom one knows from other conversations are there at once, the directory's after its answer.
  const offered = () => {
    if (query().trim() === '') return acquaintances(client.people.all()).filter(({ id }) => !props.isMember(id));
    const known = acquaintances(client.people.all(), query());
    const others = search.found();
    return [...known, ...others.filter(({ id }) => !known.some((user) => user.id === id))];
  };
  const people = () =>
    offered()
      .filter(({ id }) => id !== client.me.id && !props.chosen.some((user) => user.id === id))
      .slice(0, shownMax);
  const take = (user: User) => {
    props.onChange([...props.chosen, user]);
    setQuery('');
  };
  const drop = (id: string) => props.onChange(props.chosen.filter((user) => user.id !== id));
  return (
    <div class="picker">
      <Combobox
        label={dialogText.invite.people}
        placeholder={props.chosen.length === 0 ? dialogText.invite.placeholder : ''}
        query={query()}
        onQuery={setQuery}
        items={people()}
        onTake={take}
        isDisabled={({ id }) => props.isMember(id)}
        onBack={() => props.onChange(props.chosen.slice(0, -1))}
        offers
        autofocus={props.autofocus ?? false}
        chosen={<For each={props.chosen}>{(user) => <Chosen user={user} onRemove={() => drop(user.id)} />}</For>}
        option={(user) => (
          <>
            <Avatar id={user.id} name={user.name} kind="person" avatarUrl={user.avatarUrl} size="small" />
            <span class="option-name">{user.name}</span>
            <Show when={props.isMember(user.id)}>
              <span class="option-note">{dialogText.invite.isMember}</span>
            </Show>
          </>
        )}
      />
      <Show when={search.isDone() && people().length === 0}>
        <p class="picker-note">{dialogText.invite.nobody}</p>
      </Show>
    </div>
  );
};

const acquaintances = (known: User[], query = ''): User[] =>
  known
    .filter(({ name }) => name.toLocaleLowerCase().includes(query.trim().toLocaleLowerCase()))
    .sort((a, b) => a.name.localeCompare(b.name));

const Chosen = (props: { user: User; onRemove: () => void }) => (
  <span class="chip">
    {props.user.name}
    <button
      type="button"
      class="chip-remove"
      aria-label={dialogText.invite.remove(props.user.name)}
      onClick={() => props.onRemove()}
    >
      <Icon name="close" />
    </button>
  </span>
);

/**
 * Looks for people when the typing has rested for a moment. No resource of Solid's: reading one that loads suspends, which takes the
 * dialog out of the page and with it the focus.
 */
const createSearch = (query: () => string, usersLike: (name: string) => Promise<User[]>) => {
  const [answer, setAnswer] = createSignal<{ to: string; users: User[] }>();
  createEffect(() => {
    const name = query().trim();
    if (name === '') return;
    let isCurrent = true;
    const timer = setTimeout(async () => {
      // A search that fails finds nobody; the next key searches again.
      const users = await usersLike(name).catch(() => []);
      if (isCurrent) setAnswer({ to: name, users });
    }, searchAfterMs);
    onCleanup(() => {
      isCurrent = false;
      clearTimeout(timer);
    });
  });
  const isDone = () => query().trim() !== '' && answer()?.to === query().trim();
  return {
    isDone,
    /** Nobody while the answer is one to an earlier question: Enter would take the wrong person. */
    found: (): User[] => (isDone() ? (answer()?.users ?? []) : []),
  };
};
