import type { Member } from '@chatapp/contract/shapes';
import { For, Show } from 'solid-js';
import { useApp } from '../context.ts';
import { text } from '../i18n/text.ts';
import { Avatar } from '../ui/avatar.tsx';
import { Icon } from '../ui/icon.tsx';
import { useRoom } from './room-context.ts';

/** Who is in the conversation, with their role and whether they are there. Folds away where there is no room for it. */
export const MembersPanel = () => {
  const app = useApp();
  const room = useRoom();
  const count = () => app.client.members.of(room.id)?.length ?? room.conversation().memberCount;
  return (
    <>
      <Show when={app.membersShown()}>
        <button
          type="button"
          class="members-shade"
          aria-label={text.room.hideMembers}
          onClick={() => app.showMembers(false)}
        />
      </Show>
      <aside class="members" aria-label={text.room.members(count())}>
        <div class="members-head">
          <h2 class="members-title">{text.room.members(count())}</h2>
          <button
            type="button"
            class="icon-button members-close"
            aria-label={text.room.hideMembers}
            onClick={() => app.showMembers(false)}
          >
            <Icon name="close" />
          </button>
        </div>
        <ul class="members-list">
          <For each={app.client.members.of(room.id)}>{(member) => <MemberRow member={member} />}</For>
        </ul>
      </aside>
    </>
  );
};

const MemberRow = (props: { member: Member }) => {
  const { client } = useApp();
  const user = () => props.member.user;
  return (
    <li class="member">
      <Avatar
        id={user().id}
        name={user().name}
        kind="person"
        avatarUrl={user().avatarUrl}
        status={user().id === client.me.id ? 'online' : client.presence.of(user().id)}
      />
      <span class="member-name">{user().name}</span>
      <span class="member-role">{text.room.roles[props.member.role]}</span>
    </li>
  );
};
