import { createSignal, createUniqueId, type JSX, onMount, Show } from 'solid-js';
import { Icon, type IconName } from './icon.tsx';

export type MenuProps = {
  label: string;
  icon?: IconName;
  class?: string;
  children: JSX.Element;
};

/** A button that opens a list of actions beside it. The list is made when it is opened; an action in it closes it. */
export const Menu = (props: MenuProps) => {
  const id = createUniqueId();
  const [open, setOpen] = createSignal(false);
  let button: HTMLButtonElement | undefined;
  let list: HTMLDivElement | undefined;
  const place = () => {
    if (!button || !list) return;
    const box = button.getBoundingClientRect();
    const isLow = box.top > window.innerHeight / 2;
    list.style.right = `${Math.max(8, window.innerWidth - box.right)}px`;
    list.style.top = isLow ? 'auto' : `${box.bottom}px`;
    list.style.bottom = isLow ? `${window.innerHeight - box.top}px` : 'auto';
  };
  const isOpening = (event: Event) => (event as ToggleEvent).newState === 'open';
  onMount(() => {
    list?.addEventListener('beforetoggle', (event) => {
      if (!isOpening(event)) return;
      place();
      setOpen(true);
    });
    // Not before it is closed: the browser gives the focus back only from what is still there.
    list?.addEventListener('toggle', (event) => setOpen(isOpening(event)));
  });
  return (
    <>
      <button
        type="button"
        ref={button}
        class={`icon-button ${props.class ?? ''}`}
        aria-label={props.label}
        aria-expanded={open()}
        popovertarget={id}
      >
        <Icon name={props.icon ?? 'more'} />
      </button>
      <div id={id} class="menu" popover="auto" ref={list}>
        <Show when={open()}>
          {/* biome-ignore lint/a11y/useKeyWithClickEvents: the buttons inside are what is pressed; this closes after them */}
          {/* biome-ignore lint/a11y/noStaticElementInteractions: as above */}
          <div onClick={() => list?.hidePopover()}>{props.children}</div>
        </Show>
      </div>
    </>
  );
};

export type MenuItemProps = {
  icon: IconName;
  /** It takes something away. */
  warn?: boolean;
  /** Of several that exclude each other. */
  chosen?: boolean;
  onPress: () => void;
  children: JSX.Element;
};

/** One action of a menu. */
export const MenuItem = (props: MenuItemProps) => (
  <button
    type="button"
    class="menu-item"
    data-warn={props.warn || undefined}
    aria-pressed={props.chosen}
    onClick={() => props.onPress()}
  >
    <Icon name={props.icon} />
    {props.children}
  </button>
);
