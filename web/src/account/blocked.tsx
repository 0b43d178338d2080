import type { Block } from '@chatapp/contract/http-conversations';
import { createSignal, For, onMount, Show } from 'solid-js';
import { useApp } from '../context.ts';
import { dialogText } from '../i18n/dialog-text.ts';
import { createAttempt } from '../ui/attempt.ts';
import { Avatar } from '../ui/avatar.tsx';
import { FormFault } from '../ui/form-fault.tsx';

/** People who cannot invite me or start a conversation with me. */
export const Blocked = () => {
  const { client } = useApp();
  const words = dialogText.accountPage;
  const [blocks, setBlocks] = createSignal<readonly Block[]>([]);
  const [fault, setFault] = createSignal('');
  const attempt = createAttempt(setFault);
  onMount(() => void attempt.run(async () => setBlocks(await client.accountApi.blocks())));
  const unblock = (userId: string) =>
    void attempt.run(async () => {
      await client.accountApi.unblock(userId);
      setBlocks((all) => all.filter(({ user }) => user.id !== userId));
    });
  return (
    <section class="section" aria-label={words.blocked}>
      <h3 class="section-title">{words.blocked}</h3>
      <Show when={blocks().length > 0} fallback={<p class="form-help">{words.blockedNobody}</p>}>
        <p class="form-help">{words.blockedHelp}</p>
        <ul>
          <For each={blocks()}>
            {({ user }) => (
              <li class="sent-row">
                <Avatar id={user.id} name={user.name} kind="person" avatarUrl={user.avatarUrl} size="small" />
                <span class="sent-main sent-name">{user.name}</span>
                <button
                  type="button"
                  class="text-button"
                  aria-label={words.unblockNamed(user.name)}
                  disabled={attempt.busy()}
                  onClick={() => unblock(user.id)}
                >
                  {words.unblock}
                </button>
              </li>
            )}
          </For>
        </ul>
      </Show>
      <FormFault text={fault()} />
    </section>
  );
};
