import type { Member } from '@chatapp/contract/shapes';
import { For, Show } from 'solid-js';
import { useApp } from '../context.ts';
import { useRoom } from '../conversations/room-context.ts';
import { text } from '../i18n/text.ts';
import { Menu, MenuItem } from '../ui/menu.tsx';
import { askToBan, askToRemove, block, giveRole, talkTo } from './member-acts.ts';
import { mayRemove, mayTransfer, rolesToGive } from './rights.ts';

/** What this person may do with another member. */
export const MemberMenu = (props: { member: Member }) => {
  const app = useApp();
  const room = useRoom();
  const { conversation } = room;
  const user = () => props.member.user;
  const words = text.members;
  return (
    <Menu label={words.menu(user().name)} class="member-menu">
      <Show when={conversation().peer?.id !== user().id}>
        <MenuItem icon="message" onPress={() => void talkTo(app, user().id)}>
          {words.message}
        </MenuItem>
      </Show>
      <Show when={rolesToGive(conversation(), props.member.role).length > 0}>
        <fieldset class="menu-group">
          <legend>{words.role}</legend>
          <For each={rolesToGive(conversation(), props.member.role)}>
            {(role) => (
              <MenuItem
                icon={props.member.role === role ? 'check' : 'none'}
                chosen={props.member.role === role}
                onPress={() => role !== props.member.role && void giveRole(app, room.id, props.member, role)}
              >
                {words.roles[role]}
              </MenuItem>
            )}
          </For>
        </fieldset>
      </Show>
      <Show when={mayTransfer(conversation())}>
        <MenuItem
          icon="key"
          onPress={() => app.openDialog({ kind: 'transfer', conversationId: room.id, userId: user().id })}
        >
          {words.handOver}
        </MenuItem>
      </Show>
      <MenuItem icon="mute" onPress={() => void block(app, user())}>
        {words.block}
      </MenuItem>
      <Show when={mayRemove(conversation(), props.member.role)}>
        <MenuItem icon="leave" warn onPress={() => askToRemove(app, conversation(), props.member)}>
          {words.remove}
        </MenuItem>
        <MenuItem icon="ban" warn onPress={() => askToBan(app, conversation(), props.member)}>
          {words.ban}
        </MenuItem>
      </Show>
    </Menu>
  );
};
