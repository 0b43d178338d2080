import { text } from '../i18n/text.ts';

/** Shown while nobody can say who is signed in; the session asks again by itself. */
export const UnreachablePage = (props: { onAgain: () => void }) => (
  <main class="door">
    <div class="door-mark" aria-hidden="true" />
    <h1 class="door-title">{text.unreachable.title}</h1>
    <p class="door-lead">{text.unreachable.lead}</p>
    <button type="button" class="button button-large" onClick={() => props.onAgain()}>
      {text.unreachable.again}
    </button>
  </main>
);
