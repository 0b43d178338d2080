import { createSignal, onCleanup, Show } from 'solid-js';
import type { Client } from '../client.ts';
import { useApp } from '../context.ts';
import { type RoomContext, useRoom } from '../conversations/room-context.ts';
import { text } from '../i18n/text.ts';
import { mayWrite } from '../members/rights.ts';
import { mayBeSaved, type ShownItem } from '../outbox/outbox-item.ts';

const quietMs = 400;

/** Under what is not saved yet: that it is being sent, when it takes a while, or that it failed and what can be done. */
export const PendingNote = (props: { item: ShownItem }) => {
  const [late, setLate] = createSignal(false);
  const timer = setTimeout(() => setLate(true), quietMs);
  onCleanup(() => clearTimeout(timer));
  const isOnItsWay = () => props.item.phase === 'waiting' || props.item.phase === 'flying';
  return (
    <>
      <Show when={isOnItsWay() && late()}>
        <WaitingNote item={props.item} />
      </Show>
      <Show when={props.item.phase === 'failed'}>
        <FailedNote item={props.item} />
      </Show>
    </>
  );
};

const WaitingNote = (props: { item: ShownItem }) => {
  const { client } = useApp();
  const room = useRoom();
  // Once it was handed to the network it may be saved, whatever is known here.
  const isHere = () => props.item.phase === 'waiting' && props.item.attempts === 0 && !client.connection.ready();
  return (
    <p class="pending">
      <span>{client.connection.ready() ? text.message.sending : text.message.waiting}</span>
      <Show when={isHere()}>
        {' '}
        <Show when={mayWrite(room.conversation())}>
          <button type="button" class="text-button" onClick={() => editAgain(client, room, props.item)}>
            {text.message.edit}
          </button>
          {' · '}
        </Show>
        <button type="button" class="text-button" onClick={() => void client.outbox.cancel(props.item.clientId)}>
          {text.message.cancel}
        </button>
      </Show>
    </p>
  );
};

/** Moves a message that was not sent from the outbox to the field. */
const editAgain = ({ outbox }: Client, room: RoomContext, { op, clientId }: ShownItem) => {
  if (op.kind !== 'send') return;
  room.setRefill({ body: op.body, replyTo: op.replyTo, release: () => outbox.cancel(clientId) });
};

const FailedNote = (props: { item: ShownItem }) => {
  const { client, notices } = useApp();
  const room = useRoom();
  const why = () => text.message.why[props.item.failed ?? ''];
  const mayEdit = () => props.item.op.kind === 'send' && !mayBeSaved(props.item) && mayWrite(room.conversation());
  const retry = () => client.outbox.retry(props.item.clientId).catch(() => notices.fail(text.composer.notStored));
  return (
    <p class="pending pending-failed" role="alert">
      <span>{props.item.op.kind === 'send' ? text.message.notSent : text.message.notChanged}</span>
      <Show when={why()}>{(reason) => <span> {reason()}</span>}</Show>{' '}
      <button type="button" class="text-button" onClick={() => void retry()}>
        {text.message.tryAgain}
      </button>
      <Show when={mayEdit()}>
        {' · '}
        <button type="button" class="text-button" onClick={() => editAgain(client, room, props.item)}>
          {text.message.edit}
        </button>
      </Show>
      {' · '}
      <button type="button" class="text-button" onClick={() => void client.outbox.discard(props.item.clientId)}>
        {text.message.discard}
      </button>
    </p>
  );
};
