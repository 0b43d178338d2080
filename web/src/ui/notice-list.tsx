import { For, Show } from 'solid-js';
import { text } from '../i18n/text.ts';
import { Icon } from './icon.tsx';
import type { Notices } from './notices.ts';

/** Sentences that pass by, at the lower edge. */
export const NoticeList = (props: { notices: Notices }) => (
  <div class="notices" role="status">
    <For each={props.notices.notices()}>
      {(notice) => (
        <div class="notice" data-failed={notice.failed || undefined}>
          <span>{notice.text}</span>
          <Show when={notice.act}>
            {(act) => (
              <button
                type="button"
                class="text-button notice-act"
                onClick={() => {
                  props.notices.dismiss(notice.id);
                  act().run();
                }}
              >
                {act().label}
              </button>
            )}
          </Show>
          <button
            type="button"
            class="icon-button"
            aria-label={text.dialog.close}
            onClick={() => props.notices.dismiss(notice.id)}
          >
            <Icon name="close" />
          </button>
        </div>
      )}
    </For>
  </div>
);
