import { For, Show } from 'solid-js';
import { useApp } from '../context.ts';
import { text } from '../i18n/text.ts';
import { mayInvite } from '../members/rights.ts';
import { Avatar } from '../ui/avatar.tsx';
import { Icon } from '../ui/icon.tsx';
import { avatarOf, nameOf } from './conversation-name.ts';
import { useRoom } from './room-context.ts';
import { RoomMenu } from './room-menu.tsx';

const facesMax = 3;

/** Name, topic, who is here, and what can be done with the conversation. */
export const RoomHeader = () => {
  const app = useApp();
  const room = useRoom();
  const conversation = room.conversation;
  return (
    <header class="room-head">
      <button type="button" class="icon-button room-back" aria-label={text.room.back} onClick={() => app.route.go('/')}>
        <Icon name="back" />
      </button>
      <span class="room-picture">
        <Avatar {...avatarOf(conversation())} />
      </span>
      <div class="room-names">
        <h1 class="room-name">{nameOf(conversation())}</h1>
        <p class="room-topic">{conversation().topic ?? text.room.members(conversation().memberCount)}</p>
      </div>
      <Faces />
      <Show when={mayInvite(conversation())}>
        <button
          type="button"
          class="button"
          onClick={() => app.openDialog({ kind: 'invite', conversationId: room.id })}
        >
          {text.invite.open}
        </button>
      </Show>
      <RoomMenu />
    </header>
  );
};

/** Some of the members; shows and hides the list of all. */
const Faces = () => {
  const app = useApp();
  const room = useRoom();
  const others = () =>
    (app.client.members.of(room.id) ?? []).filter(({ user }) => user.id !== app.client.me.id).slice(0, facesMax);
  return (
    <button
      type="button"
      class="faces"
      aria-label={text.room.showMembers(room.conversation().memberCount)}
      aria-expanded={app.membersShown()}
      onClick={() => app.showMembers(!app.membersShown())}
    >
      <span class="faces-row">
        <For each={others()}>
          {({ user }) => <Avatar id={user.id} name={user.name} kind="person" avatarUrl={user.avatarUrl} />}
        </For>
      </span>
      <span class="faces-icon">
        <Icon name="people" />
      </span>
      <Show when={app.client.joinRequests.of(room.id).length > 0}>
        <span class="count" data-mention="">
          <span aria-hidden="true">{app.client.joinRequests.of(room.id).length}</span>
          <span class="hidden">{text.members.requests}</span>
        </span>
      </Show>
    </button>
  );
};
