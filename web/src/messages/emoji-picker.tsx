import { For, onMount } from 'solid-js';
import { text } from '../i18n/text.ts';

const emojis = [
  ...['👍', '❤️', '😂', '🎉', '😮', '😢', '🙏', '👀'],
  ...['✅', '❌', '🔥', '💯', '🚀', '⚓', '☕', '🍻'],
  ...['😀', '😅', '🙂', '😉', '😍', '🤔', '😴', '🤷'],
  ...['👏', '🙌', '👋', '💪', '🌊', '⛵', '☀️', '🌧️'],
];

/** A small choice of reactions. Arrow keys move, Esc closes. */
const EmojiPicker = (props: { onPick: (emoji: string) => void; onClose: () => void }) => {
  let panel: HTMLFieldSetElement | undefined;
  onMount(() => {
    // Opens to where there is room.
    const box = panel?.getBoundingClientRect();
    if (panel && box && box.bottom > window.innerHeight - 120) panel.dataset.above = 'true';
    panel?.querySelector('button')?.focus({ preventScroll: true });
  });
  const steps: Record<string, number> = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: 8, ArrowUp: -8 };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Escape') props.onClose();
    const step = steps[event.key];
    if (!step || !panel) return;
    event.preventDefault();
    const buttons = [...panel.querySelectorAll('button')];
    const index = buttons.indexOf(document.activeElement as HTMLButtonElement);
    buttons[(index + step + buttons.length) % buttons.length]?.focus();
  };
  return (
    <fieldset class="emojis" aria-label={text.message.emoji} ref={panel} onKeyDown={onKeyDown}>
      <For each={emojis}>
        {(emoji) => (
          <button type="button" class="emoji" onClick={() => props.onPick(emoji)}>
            {emoji}
          </button>
        )}
      </For>
    </fieldset>
  );
};
export default EmojiPicker;
