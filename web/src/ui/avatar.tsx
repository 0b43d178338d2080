import { Show } from 'solid-js';
import type { PresenceStatus } from '../presence/presence.ts';
import { initialsOf, toneOf } from './tones.ts';

export type AvatarProps = {
  id: string;
  name: string;
  kind: 'group' | 'person';
  avatarUrl: string | null;
  size?: 'small' | 'large';
  status?: PresenceStatus;
};

/** A picture or letters; people are round, groups have corners. Decoration: the name stands beside it. */
export const Avatar = (props: AvatarProps) => (
  <span class="avatar" data-kind={props.kind} data-tone={toneOf(props.id)} data-size={props.size} aria-hidden="true">
    {/* Pictures of this origin only: another one would learn who reads what. */}
    <Show when={props.avatarUrl?.startsWith('/') && props.avatarUrl} fallback={initialsOf(props.name, props.kind)}>
      {(url) => <img class="avatar-picture" src={url()} alt="" loading="lazy" />}
    </Show>
    <Show when={props.status && props.status !== 'offline'}>
      <span class="avatar-dot" data-status={props.status} />
    </Show>
  </span>
);
