import { type JSX, onCleanup, onMount } from 'solid-js';
import { text } from '../i18n/text.ts';
import { Icon } from './icon.tsx';

export type DialogProps = {
  title: string;
  onClose: () => void;
  /** `plain` shows no heading; the title stays its name. */
  plain?: boolean;
  children: JSX.Element;
};

/** A modal dialog of the browser: it keeps the focus inside, closes on Esc and outside, and gives the focus back. */
export const Dialog = (props: DialogProps) => {
  let dialog: HTMLDialogElement | undefined;
  // What lies outside of a modal dialog can neither be seen well, nor pressed, nor heard: the page's notices come in while it is open.
  const notices = document.querySelector('.notices');
  const home = notices?.parentElement;
  onMount(() => {
    if (notices) dialog?.append(notices);
    // A menu would take what had the focus away with it.
    document.querySelector<HTMLElement>(':popover-open')?.hidePopover();
    dialog?.showModal();
    dialog?.querySelector<HTMLElement>('[autofocus]')?.focus();
  });
  // Closing is what gives the focus back; an element that is only removed leaves it nowhere.
  onCleanup(() => {
    dialog?.close();
    if (notices) home?.append(notices);
  });
  let pressed: EventTarget | null = null;
  /** Text that is marked from a field to the outside ends in a click there, too. */
  const closeOutside = (event: MouseEvent) => {
    if (event.target === dialog && pressed === dialog) props.onClose();
  };
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Esc closes; the click is the same for the mouse
    <dialog
      ref={dialog}
      class="dialog"
      aria-label={props.title}
      onPointerDown={({ target }) => {
        pressed = target;
      }}
      onClick={closeOutside}
      onCancel={(event) => {
        event.preventDefault();
        props.onClose();
      }}
    >
      <div class="dialog-body">
        {!props.plain && (
          <header class="dialog-head">
            <h2>{props.title}</h2>
            <button type="button" class="icon-button" aria-label={text.dialog.close} onClick={() => props.onClose()}>
              <Icon name="close" />
            </button>
          </header>
        )}
        {props.children}
      </div>
    </dialog>
  );
};
