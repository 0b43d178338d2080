import { Show } from 'solid-js';
import { useApp } from '../context.ts';
import { text } from '../i18n/text.ts';

const protocolCode = 4510;

/** Says that this page cannot come back by itself, and what helps. A connection that does come back is told of at the composer. */
export const ConnectionBanner = () => {
  const { client } = useApp();
  const ended = () => {
    const state = client.connection.state();
    // Who was signed out is told by another page.
    return state.at === 'ended' && !client.connection.isSignedOut() ? state.code : undefined;
  };
  return (
    <Show when={ended()}>
      {(code) => (
        <div class="banner" role="alert">
          <span>{code() === protocolCode ? text.connection.outdated : text.connection.refused}</span>
          <button type="button" class="button" onClick={() => window.location.reload()}>
            {text.connection.reload}
          </button>
        </div>
      )}
    </Show>
  );
};
