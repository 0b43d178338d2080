import { useApp } from '../context.ts';
import { useRoom } from '../conversations/room-context.ts';
import { text } from '../i18n/text.ts';

/** Who is typing; the line keeps its height, so that nothing jumps. */
export const TypingLine = () => {
  const { client } = useApp();
  const room = useRoom();
  const names = () => client.typing.in(room.id).map(room.nameOf);
  return <p class="typing">{names().length > 0 && text.typing(names())}</p>;
};
