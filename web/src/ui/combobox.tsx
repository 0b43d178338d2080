import { createEffect, createSignal, createUniqueId, For, type JSX, on } from 'solid-js';
import { isComposing } from './is-composing.ts';

export type ComboboxProps<T extends { id: string }> = {
  label: string;
  placeholder: string;
  query: string;
  onQuery: (query: string) => void;
  items: readonly T[];
  onTake: (item: T) => void;
  option: (item: T) => JSX.Element;
  isDisabled?: (item: T) => boolean;
  /** While nothing is typed the list only offers: Enter takes nothing that the arrows did not pick. */
  offers?: boolean;
  /** Stands in the field, before what is typed. */
  chosen?: JSX.Element;
  /** Backspace in an empty field. */
  onBack?: () => void;
  autofocus?: boolean;
};

/** A field with a list below it (WAI-ARIA combobox): arrows move, Enter takes, and the focus stays in the field. */
export const Combobox = <T extends { id: string }>(props: ComboboxProps<T>) => {
  const listId = createUniqueId();
  const idOf = (index: number) => `${listId}-${index}`;
  const first = () => (props.offers && props.query === '' ? -1 : 0);
  const [active, setActive] = createSignal(first());
  createEffect(
    on(
      () => [props.items, props.query],
      () => setActive(first()),
      { defer: true },
    ),
  );
  const current = () => props.items[active()];
  const move = (by: number) => {
    const count = props.items.length;
    if (count === 0) return;
    setActive((index) => (index < 0 && by < 0 ? count - 1 : (index + by + count) % count));
    document.getElementById(idOf(active()))?.scrollIntoView({ block: 'nearest' });
  };
  const take = (item: T) => {
    if (!props.isDisabled?.(item)) props.onTake(item);
  };
  const act = (event: KeyboardEvent): boolean => {
    const item = current();
    if (event.key === 'ArrowDown') move(1);
    else if (event.key === 'ArrowUp') move(-1);
    else if (event.key === 'Enter' && item) take(item);
    // What was typed is looked for still, or found nobody: that must not send the form around the field.
    else if (event.key !== 'Enter' || props.query === '') return false;
    return true;
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (isComposing(event)) return;
    if (event.key === 'Backspace' && props.query === '') props.onBack?.();
    else if (act(event)) event.preventDefault();
  };
  return (
    <>
      <div class="combobox-field">
        {props.chosen}
        <input
          type="text"
          class="combobox-input"
          role="combobox"
          aria-label={props.label}
          aria-expanded={props.items.length > 0}
          aria-controls={listId}
          aria-activedescendant={current() ? idOf(active()) : undefined}
          placeholder={props.placeholder}
          autocomplete="off"
          autofocus={props.autofocus}
          value={props.query}
          onInput={(event) => props.onQuery(event.currentTarget.value)}
          onKeyDown={onKeyDown}
        />
      </div>
      <div class="options" role="listbox" tabindex="-1" id={listId} aria-label={props.label}>
        <For each={props.items}>
          {(item, index) => (
            // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are the field's; the click is for the mouse
            // biome-ignore lint/a11y/useFocusableInteractive: the focus stays in the field, aria-activedescendant points here
            <div
              id={idOf(index())}
              role="option"
              class="option"
              aria-selected={active() === index()}
              aria-disabled={props.isDisabled?.(item)}
              onPointerMove={() => setActive(index())}
              onClick={() => take(item)}
            >
              {props.option(item)}
            </div>
          )}
        </For>
      </div>
    </>
  );
};
