import type { AuditEntry } from '@chatapp/contract/http-conversations';
import { createSignal, For, onMount, Show } from 'solid-js';
import { useApp } from '../context.ts';
import { dialogText } from '../i18n/dialog-text.ts';
import { fullTimeOf, whenOf } from '../i18n/format.ts';
import { createAttempt } from '../ui/attempt.ts';
import { Dialog } from '../ui/dialog.tsx';
import { FormFault } from '../ui/form-fault.tsx';
import { auditText } from './audit-text.ts';

/** Who did what in a conversation, the latest first; for its owner. */
const AuditDialog = (props: { conversationId: string }) => {
  const { client, openDialog, now } = useApp();
  const words = dialogText.audit;
  const [entries, setEntries] = createSignal<readonly AuditEntry[]>([]);
  const [next, setNext] = createSignal<string | null>();
  const [fault, setFault] = createSignal('');
  const attempt = createAttempt(setFault);
  const more = () =>
    attempt.run(async () => {
      const page = await client.conversationsApi.audit(props.conversationId, next() ?? undefined);
      setEntries((known) => [...known, ...page.items]);
      setNext(page.next);
    });
  onMount(() => void more());
  return (
    <Dialog title={words.title} onClose={() => openDialog(undefined)}>
      <ol class="audit">
        <For each={entries()}>
          {(entry) => (
            <li class="audit-entry">
              <span>{auditText(entry, client.me.id)}</span>
              <time datetime={entry.at} title={fullTimeOf(Date.parse(entry.at))}>
                {whenOf(Date.parse(entry.at), now())}
              </time>
            </li>
          )}
        </For>
      </ol>
      <FormFault text={fault()} />
      <Show when={next() !== null && entries().length > 0}>
        <button type="button" class="button" disabled={attempt.busy()} onClick={() => void more()}>
          {words.more}
        </button>
      </Show>
    </Dialog>
  );
};
export default AuditDialog;
