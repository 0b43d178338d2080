import { Show } from 'solid-js';
import { useApp } from '../context.ts';
import { text } from '../i18n/text.ts';
import { createAttempt } from '../ui/attempt.ts';
import { Menu, MenuItem } from '../ui/menu.tsx';
import { askToLeave } from './end-conversation.ts';
import { useRoom } from './room-context.ts';

/** What can be done with the open conversation. */
export const RoomMenu = () => {
  const app = useApp();
  const { client, notices, openDialog } = app;
  const room = useRoom();
  const { conversation } = room;
  const attempt = createAttempt(notices.fail);
  const set = (change: { pinned: boolean } | { muted: boolean }) =>
    void attempt.run(async () => client.conversations.put(await client.conversationsApi.updateMine(room.id, change)));
  const markUnread = async () => {
    const marked = await attempt.run(() => client.unread.mark(room.id));
    if (marked) app.route.go('/');
  };
  return (
    <Menu label={text.room.more}>
      <MenuItem icon="pin" onPress={() => set({ pinned: !conversation().pinned })}>
        {conversation().pinned ? text.room.unpin : text.room.pin}
      </MenuItem>
      <MenuItem icon="mute" onPress={() => set({ muted: !conversation().muted })}>
        {conversation().muted ? text.room.unmute : text.room.mute}
      </MenuItem>
      <MenuItem icon="unread" onPress={() => void markUnread()}>
        {text.room.markUnread}
      </MenuItem>
      <MenuItem icon="settings" onPress={() => openDialog({ kind: 'settings', conversationId: room.id })}>
        {text.room.settings}
      </MenuItem>
      <Show when={conversation().kind === 'group'}>
        <MenuItem icon="leave" onPress={() => askToLeave(app, conversation())}>
          {text.room.leave}
        </MenuItem>
      </Show>
    </Menu>
  );
};
