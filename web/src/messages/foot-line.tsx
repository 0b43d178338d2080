import { createEffect, createMemo, on } from 'solid-js';
import { useApp } from '../context.ts';
import { useRoom } from '../conversations/room-context.ts';
import { listOf } from '../i18n/format.ts';
import { text } from '../i18n/text.ts';
import { showsReceipts } from './receipts.ts';

const namedMax = 3;

/** Who is typing, else who has read the last message; the line keeps its height, so that nothing jumps. */
export const FootLine = () => {
  const { client } = useApp();
  const room = useRoom();
  const typing = () => client.typing.in(room.id).map(room.nameOf);
  const isShown = createMemo(() => showsReceipts(room.conversation()));
  createEffect(on(isShown, (shown) => shown && client.receipts.load(room.id).catch(() => undefined)));
  const readers = () => {
    const { messages, high } = room.entry.timeline();
    const last = messages.get(high);
    return last && isShown() ? client.receipts.readers(room.id, last.seq, [last.senderId, client.me.id]) : [];
  };
  const read = () => {
    const names = readers().map(room.nameOf);
    const rest = names.length - namedMax;
    return listOf(rest > 1 ? [...names.slice(0, namedMax), text.timeline.others(rest)] : names);
  };
  const line = () => {
    if (typing().length > 0) return text.typing(typing());
    return readers().length > 0 ? text.timeline.readBy(read()) : '';
  };
  return <p class="typing">{line()}</p>;
};
