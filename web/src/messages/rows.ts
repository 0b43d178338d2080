import type { Message } from '@chatapp/contract/shapes';
import type { OutboxItem, ShownItem } from '../outbox/outbox-item.ts';
import { withPending } from './overlay.ts';

/** What stands in the timeline, from top to bottom. `starts`: avatar and name are shown, a run of one sender begins. */
export type Row =
  | { kind: 'day'; key: string; at: number }
  | { kind: 'new'; key: string }
  | { kind: 'system'; key: string; message: Message }
  | { kind: 'text'; key: string; message: Message; starts: boolean; pending: ShownItem | undefined };

export type RowsInput = {
  messages: readonly Message[];
  /** This conversation's outbox, in order. */
  items: readonly ShownItem[];
  /** Whether the newest message is among `messages`: only then what is being sent stands below. */
  atEnd: boolean;
  /** The separator `New` stands after this seq, where that place is among `messages`; undefined for none. */
  newAfter: number | undefined;
  me: string;
  dayOf: (at: number) => string;
};

const runMs = 5 * 60_000;

/** Builds the rows: separators between days, `New`, runs of five minutes, and this person's waiting messages at the end. */
export const rowsOf = ({ messages, items, atEnd, newAfter, me, dayOf }: RowsInput): Row[] => {
  const rows: Row[] = [];
  const changesOf = Map.groupBy(items.filter(changesMessage), (item) => seqOf(item));
  let day = '';
  let run: { sender: string; since: number } | undefined;
  const [first] = messages;
  let separated = newAfter === undefined || (first !== undefined && first.seq > newAfter + 1);

  const add = (message: Message, pending: ShownItem | undefined) => {
    const at = Date.parse(message.createdAt);
    const ownDay = dayOf(at);
    if (ownDay !== day) {
      day = ownDay;
      run = undefined;
      rows.push({ kind: 'day', key: `day:${ownDay}`, at });
    }
    if (!separated && newAfter !== undefined && message.seq > newAfter && message.senderId !== me && !pending) {
      separated = true;
      run = undefined;
      rows.push({ kind: 'new', key: 'new' });
    }
    if (message.kind === 'system') {
      run = undefined;
      rows.push({ kind: 'system', key: `system:${message.seq}`, message });
      return;
    }
    const starts = run === undefined || run.sender !== message.senderId || at - run.since >= runMs;
    if (starts) run = { sender: message.senderId, since: at };
    rows.push({ kind: 'text', key: `${message.senderId}:${message.clientId}`, message, starts, pending });
  };

  for (const message of messages) {
    const changes = changesOf.get(message.seq);
    const failed = changes?.find((item) => item.failed !== null);
    add(changes ? withPending(message, changes, me) : message, failed);
  }
  if (atEnd) {
    const saved = new Set(messages.map((message) => (message.senderId === me ? message.clientId : '')));
    for (const item of items) if (item.op.kind === 'send' && !saved.has(item.clientId)) add(messageOf(item, me), item);
  }
  return rows;
};

const changesMessage = (item: OutboxItem): boolean => item.op.kind !== 'send';
const seqOf = ({ op }: OutboxItem): number => (op.kind === 'send' ? 0 : op.seq);

/** A message that is not saved yet, in the shape of one that is; `seq` 0 stands for none. */
const messageOf = ({ op, ...item }: ShownItem, me: string): Message => ({
  conversationId: item.conversationId,
  seq: 0,
  rev: 0,
  id: item.clientId,
  clientId: item.clientId,
  senderId: me,
  kind: 'text',
  body: op.kind === 'send' ? op.body : '',
  replyTo: op.kind === 'send' ? op.replyTo : null,
  reactions: [],
  mentions: [],
  system: null,
  createdAt: new Date(item.at).toISOString(),
  editedAt: null,
  deletedAt: null,
});
