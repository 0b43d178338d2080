import { createEffect, createSignal, onCleanup, Show, useContext } from 'solid-js';
import { AppContextProvider } from '../context.ts';
import type { PresenceStatus } from '../presence/presence.ts';
import { initialsOf, toneOf } from './tones.ts';

export type AvatarProps = {
  id: string;
  name: string;
  kind: 'group' | 'person';
  avatarUrl: string | null;
  size?: 'small' | 'large';
  status?: PresenceStatus | undefined;
};

/** A picture or letters; people are round, groups have corners. Decoration: the name stands beside it. */
export const Avatar = (props: AvatarProps) => {
  const picture = createPicture(() => props.avatarUrl);
  return (
    <span class="avatar" data-kind={props.kind} data-tone={toneOf(props.id)} data-size={props.size} aria-hidden="true">
      <Show when={picture()} fallback={initialsOf(props.name, props.kind)}>
        {(url) => <img class="avatar-picture" src={url()} alt="" />}
      </Show>
      <Show when={props.status && props.status !== 'offline'}>
        <span class="avatar-dot" data-status={props.status} />
      </Show>
    </span>
  );
};

/** What an `img` shows of an address; undefined until it is there, and where there is nothing, such as an earlier picture of an old invitation. */
const createPicture = (avatarUrl: () => string | null) => {
  const pictures = useContext(AppContextProvider)?.client.pictures;
  const [shown, setShown] = createSignal<string>();
  createEffect(() => {
    const address = avatarUrl();
    // One that was just chosen.
    if (address?.startsWith('data:image/')) return void setShown(address);
    // Pictures of this origin only: another one would learn who reads what.
    if (!address?.startsWith('/') || !pictures) return void setShown(undefined);
    let isCurrent = true;
    onCleanup(() => {
      isCurrent = false;
    });
    pictures.of(address).then(
      (url) => isCurrent && setShown(url),
      () => isCurrent && setShown(undefined),
    );
  });
  return shown;
};
