import { Show } from 'solid-js';
import { dialogText } from '../i18n/dialog-text.ts';
import { Avatar, type AvatarProps } from './avatar.tsx';
import { pictureOf } from './picture.ts';

/** A picture that can be chosen, changed and taken away. `onPick` gets it cut and small enough for the server. */
export const PictureField = (props: {
  avatar: AvatarProps;
  busy: boolean;
  onPick: (picture: Blob) => void;
  onRemove: () => void;
  onFault: (text: string) => void;
}) => {
  const words = dialogText.picture;
  let input: HTMLInputElement | undefined;
  const pick = async (file: File | undefined) => {
    if (!file) return;
    props.onFault('');
    const picture = await pictureOf(file).catch(() => undefined);
    if (!picture) return props.onFault(words.none);
    props.onPick(picture);
  };
  return (
    <div class="picture">
      <Avatar {...props.avatar} size="large" />
      <input
        ref={input}
        type="file"
        class="hidden"
        tabindex="-1"
        accept="image/png,image/jpeg,image/webp"
        aria-label={words.label}
        onChange={({ currentTarget }) => {
          void pick(currentTarget.files?.[0]);
          currentTarget.value = '';
        }}
      />
      <button type="button" class="button" disabled={props.busy} onClick={() => input?.click()}>
        {props.avatar.avatarUrl ? words.other : words.pick}
      </button>
      <Show when={props.avatar.avatarUrl}>
        <button type="button" class="text-button" disabled={props.busy} onClick={() => props.onRemove()}>
          {words.remove}
        </button>
      </Show>
    </div>
  );
};
