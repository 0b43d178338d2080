import { text } from '../i18n/text.ts';

/** Shown where the signed-in page's script could not be loaded: a deployment may have replaced it, so the page asks for all of itself. */
export const UnloadedPage = () => (
  <main class="door">
    <div class="door-mark" aria-hidden="true" />
    <h1 class="door-title">{text.connection.unshown}</h1>
    <button type="button" class="button button-large" onClick={() => window.location.reload()}>
      {text.connection.reload}
    </button>
  </main>
);
