import type { Member } from '@chatapp/contract/shapes';
import { createEffect, For, on, onCleanup, Show } from 'solid-js';
import { useApp } from '../context.ts';
import { useRoom } from '../conversations/room-context.ts';
import { text } from '../i18n/text.ts';
import { PresenceWord } from '../presence/presence-word.tsx';
import { Avatar } from '../ui/avatar.tsx';
import { Icon } from '../ui/icon.tsx';
import { BanList } from './ban-list.tsx';
import { JoinRequestList } from './join-request-list.tsx';
import { MemberMenu } from './member-menu.tsx';
import { MembersFault } from './members-fault.tsx';
import { isBeside } from './members-shown.ts';

/** Who is in the conversation, with their role and whether they are there. Folds away, and lies over the messages where there is no room for it. */
export const MembersPanel = () => {
  const app = useApp();
  const room = useRoom();
  const { members } = app.client;
  const count = () => Math.max(room.conversation().memberCount, members.of(room.id)?.length ?? 0);
  let panel: HTMLElement | undefined;
  let close: HTMLButtonElement | undefined;
  createEffect(
    on(
      app.membersShown,
      (shown) => {
        const { activeElement, body } = document;
        if (shown) close?.focus();
        else if (activeElement === body || panel?.contains(activeElement))
          document.querySelector<HTMLElement>('.faces')?.focus();
      },
      { defer: true },
    ),
  );
  // What lies over one conversation does not lie over the next.
  onCleanup(() => isBeside() || app.showMembers(false));
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
      <aside ref={panel} class="members" aria-label={text.room.members(count())}>
        <div class="members-head">
          <h2 class="members-title">{text.room.members(count())}</h2>
          <button
            type="button"
            ref={close}
            class="icon-button members-close"
            aria-label={text.room.hideMembers}
            onClick={() => app.showMembers(false)}
          >
            <Icon name="close" />
          </button>
        </div>
        <div class="members-scroll">
          <JoinRequestList />
          <MembersFault conversationId={room.id} />
          <ul class="members-list">
            <For each={members.of(room.id)}>{(member) => <MemberRow member={member} />}</For>
          </ul>
          <Show when={members.hasMore(room.id)}>
            <button
              type="button"
              class="button members-more"
              onClick={() => void members.loadMore(room.id).catch(() => undefined)}
            >
              {text.members.more}
            </button>
          </Show>
          <BanList />
        </div>
      </aside>
    </>
  );
};

const MemberRow = (props: { member: Member }) => {
  const { client } = useApp();
  const user = () => props.member.user;
  const isMe = () => user().id === client.me.id;
  const status = () => (isMe() ? 'online' : client.presence.of(user().id));
  return (
    <li class="member">
      <Avatar id={user().id} name={user().name} kind="person" avatarUrl={user().avatarUrl} status={status()} />
      <span class="member-name">{user().name}</span>
      <PresenceWord status={status()} />
      <span class="member-role">{text.room.roles[props.member.role]}</span>
      <Show when={!isMe()}>
        <MemberMenu member={props.member} />
      </Show>
    </li>
  );
};
