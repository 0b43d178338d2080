import { For } from 'solid-js';
import { text } from '../i18n/text.ts';

/** Stands for messages that are being loaded; it shows only when that takes longer than a blink. */
export const TimelineSkeleton = (props: { rows: number }) => (
  <div class="skeleton-list" role="status" aria-label={text.loading}>
    <For each={Array.from({ length: props.rows })}>
      {() => (
        <div class="skeleton-row">
          <div class="skeleton skeleton-avatar skeleton-round" />
          <div class="skeleton skeleton-lines" />
        </div>
      )}
    </For>
  </div>
);
