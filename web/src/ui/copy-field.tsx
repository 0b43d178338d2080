import { createSignal } from 'solid-js';
import { dialogText } from '../i18n/dialog-text.ts';

const shownMs = 2000;

/** A text to take away, with a button that copies it. Where the browser does not let it, the text is marked to be copied by hand. */
export const CopyField = (props: { label: string; value: string }) => {
  const [copied, setCopied] = createSignal(false);
  let field: HTMLInputElement | undefined;
  const copy = async () => {
    field?.select();
    try {
      await navigator.clipboard.writeText(props.value);
    } catch {
      return;
    }
    setCopied(true);
    setTimeout(() => setCopied(false), shownMs);
  };
  return (
    <div class="copy-field">
      <input
        ref={field}
        type="text"
        class="input"
        readonly
        aria-label={props.label}
        value={props.value}
        onFocus={({ currentTarget }) => currentTarget.select()}
      />
      <button type="button" class="button" onClick={() => void copy()}>
        <span aria-live="polite">{copied() ? dialogText.copy.done : dialogText.copy.copy}</span>
      </button>
    </div>
  );
};
