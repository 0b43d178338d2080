import type { Message, Reaction } from '@chatapp/contract/shapes';
import { For } from 'solid-js';
import { useApp } from '../context.ts';
import { useRoom } from '../conversations/room-context.ts';
import { listOf } from '../i18n/format.ts';
import { text } from '../i18n/text.ts';
import { mayWrite } from '../members/rights.ts';
import { toggleReaction } from './toggle-reaction.ts';

/** The reactions under a message; pressing one sets or takes back one's own. */
export const Reactions = (props: { message: Message }) => {
  const app = useApp();
  const { client } = app;
  const room = useRoom();
  const emojis = () => props.message.reactions.map(({ emoji }) => emoji);
  const find = (emoji: string) => props.message.reactions.find((reaction) => reaction.emoji === emoji);
  const isMine = (reaction: Reaction | undefined) => reaction?.userIds.includes(client.me.id) ?? false;
  const names = (emoji: string) => listOf((find(emoji)?.userIds ?? []).map(room.nameOf));
  return (
    <div class="reactions">
      <For each={emojis()}>
        {(emoji) => (
          <button
            type="button"
            class="reaction"
            aria-pressed={isMine(find(emoji))}
            aria-label={text.message.reaction(emoji, find(emoji)?.count ?? 0)}
            title={text.message.reactors(names(emoji), emoji)}
            disabled={!mayWrite(room.conversation())}
            onClick={() => toggleReaction(app, props.message, emoji)}
          >
            <span class="reaction-emoji">{emoji}</span>
            <span class="reaction-count">{find(emoji)?.count}</span>
          </button>
        )}
      </For>
    </div>
  );
};
