import { createEffect, createMemo, For, on, Show } from 'solid-js';
import { useApp } from '../context.ts';
import { useRoom } from '../conversations/room-context.ts';
import { text } from '../i18n/text.ts';
import { createAttempt } from '../ui/attempt.ts';
import { Avatar } from '../ui/avatar.tsx';
import { mayBan } from './rights.ts';

/** Who may not come back, for those who may end that. */
export const BanList = () => {
  const { client, notices } = useApp();
  const room = useRoom();
  const isMine = createMemo(() => mayBan(room.conversation()));
  const attempt = createAttempt(notices.fail);
  createEffect(on(isMine, (mine) => mine && client.bans.load(room.id).catch(() => undefined)));
  return (
    <Show when={isMine() && client.bans.of(room.id).length > 0}>
      <details class="bans">
        <summary class="members-title">{text.members.banned(client.bans.of(room.id).length)}</summary>
        <ul>
          <For each={client.bans.of(room.id)}>
            {({ user, by }) => (
              <li class="member" title={text.members.bannedBy(by.name)}>
                <Avatar id={user.id} name={user.name} kind="person" avatarUrl={user.avatarUrl} />
                <span class="member-name">{user.name}</span>
                <button
                  type="button"
                  class="text-button"
                  aria-label={text.members.unbanNamed(user.name)}
                  disabled={attempt.busy()}
                  onClick={() => void attempt.run(() => client.bans.lift(room.id, user.id))}
                >
                  {text.members.unban}
                </button>
              </li>
            )}
          </For>
        </ul>
      </details>
    </Show>
  );
};
