import { createSignal, onCleanup, onMount, Show } from 'solid-js';
import { loginUrl } from '../api/bff-api.ts';
import { text } from '../i18n/text.ts';
import { inviteTokenOf } from '../ui/route.ts';

/** How many messages wait in this browser for somebody to sign in again. */
const countWaiting = async (): Promise<number> => {
  try {
    const { openOutboxStore } = await import('../outbox/outbox-store.ts');
    return await (await openOutboxStore()).count();
  } catch {
    return 0;
  }
};

/**
 * One sentence and one button. After signing in the browser comes back to where it was, to an invitation for example. Where another tab
 * has signed in meanwhile, this one needs not: a second sign-in would end the session of the first. `onAsk` asks who is signed in.
 */
export const SignedOutPage = (props: { onAsk: () => Promise<void> }) => {
  const [waiting, setWaiting] = createSignal(0);
  onMount(async () => setWaiting(await countWaiting()));
  const words = inviteTokenOf(window.location.pathname) === undefined ? text.signedOut : text.signedOut.invited;
  let isShown = true;
  const onFocus = () => void props.onAsk();
  window.addEventListener('focus', onFocus);
  onCleanup(() => {
    isShown = false;
    window.removeEventListener('focus', onFocus);
  });
  const signIn = async () => {
    await props.onAsk();
    if (isShown) window.location.assign(loginUrl(window.location.pathname + window.location.search));
  };
  return (
    <main class="door">
      <div class="door-mark" aria-hidden="true" />
      <h1 class="door-title">{words.title}</h1>
      <p class="door-lead">{words.lead}</p>
      <button type="button" class="button button-primary button-large" onClick={() => void signIn()}>
        {text.signedOut.signIn}
      </button>
      <Show when={waiting() > 0}>
        <p class="door-note">{text.signedOut.waiting(waiting())}</p>
      </Show>
    </main>
  );
};
