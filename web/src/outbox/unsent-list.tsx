import { For, Show } from 'solid-js';
import { useApp } from '../context.ts';
import { nameOf } from '../conversations/conversation-name.ts';
import { text } from '../i18n/text.ts';
import { plainText } from '../messages/body-parts.ts';
import { personName } from '../messages/preview.ts';
import { copyText } from '../ui/copy-text.ts';
import { pathOf } from '../ui/route.ts';
import type { ShownItem } from './outbox-item.ts';

/** Messages that did not go out, with what can be done about each. What was written is never lost with its conversation. */
export const UnsentList = (props: { items: readonly ShownItem[] }) => (
  <ul class="unsent">
    <For each={props.items}>{(item) => <Unsent item={item} />}</For>
  </ul>
);

const Unsent = (props: { item: ShownItem }) => {
  const { client, notices, route, openDialog } = useApp();
  const conversation = () => client.conversations.get(props.item.conversationId);
  const body = () => ('body' in props.item.op ? props.item.op.body : undefined);
  const why = () => text.message.why[props.item.failed ?? ''];
  const retry = () => client.outbox.retry(props.item.clientId).catch(() => notices.fail(text.composer.notStored));
  const show = () => {
    openDialog(undefined);
    route.go(pathOf(props.item.conversationId));
  };
  return (
    <li class="unsent-item">
      <p class="unsent-where">
        <Show when={conversation()} fallback={text.unsent.gone}>
          {(known) => (
            <button type="button" class="text-button" onClick={show}>
              {nameOf(known())}
            </button>
          )}
        </Show>
      </p>
      <p class="unsent-text">
        {plainText(body() ?? text.unsent.change[props.item.op.kind], (id) => personName(client, id))}
      </p>
      <p class="unsent-why">
        {props.item.phase === 'failed' ? text.message.notSent : text.message.waiting} {why()}
      </p>
      <div class="unsent-acts">
        <Show when={props.item.phase === 'failed' && conversation()}>
          <button type="button" class="button" onClick={() => void retry()}>
            {text.message.tryAgain}
          </button>
        </Show>
        <Show when={body()}>
          {(said) => (
            <button type="button" class="button" onClick={() => void copyText(notices, said())}>
              {text.unsent.copy}
            </button>
          )}
        </Show>
        <button type="button" class="button" onClick={() => void client.outbox.discard(props.item.clientId)}>
          {text.message.discard}
        </button>
      </div>
    </li>
  );
};
