import type { User } from '@chatapp/contract/shapes';
import { For } from 'solid-js';
import { text } from '../i18n/text.ts';
import { Avatar } from '../ui/avatar.tsx';

export type MentionPickerProps = {
  people: readonly User[];
  active: number;
  onActive: (index: number) => void;
  onTake: (user: User) => void;
};

export const mentionListId = 'mention-list';
export const mentionOptionId = (index: number): string => `${mentionListId}-${index}`;

/** The people who could be meant, above the field; the keys are the field's. */
export const MentionPicker = (props: MentionPickerProps) => (
  <div class="mention-picker" role="listbox" tabindex="-1" id={mentionListId} aria-label={text.composer.mention}>
    <For each={props.people}>
      {(user, index) => (
        // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are the field's; this is for the mouse
        // biome-ignore lint/a11y/useFocusableInteractive: the focus stays in the field, aria-activedescendant points here
        <div
          id={mentionOptionId(index())}
          role="option"
          class="option"
          aria-selected={props.active === index()}
          onPointerMove={() => props.onActive(index())}
          onPointerDown={(event) => event.preventDefault()}
          onClick={() => props.onTake(user)}
        >
          <Avatar id={user.id} name={user.name} kind="person" avatarUrl={user.avatarUrl} size="small" />
          <span class="option-name">{user.name}</span>
        </div>
      )}
    </For>
  </div>
);
