import { Show } from 'solid-js';
import { text } from '../i18n/text.ts';
import type { PresenceStatus } from './presence.ts';

/** What the dot at a person's picture shows, for who does not see it. */
export const PresenceWord = (props: { status: PresenceStatus | undefined }) => (
  <Show when={props.status && props.status !== 'offline' && text.account[props.status]}>
    {(word) => <span class="hidden">{word()}</span>}
  </Show>
);
