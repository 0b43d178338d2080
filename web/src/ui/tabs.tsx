import { createUniqueId, For, type JSX } from 'solid-js';

export type Tab<Id extends string> = { id: Id; label: string };
export type TabsProps<Id extends string> = {
  label: string;
  tabs: readonly Tab<Id>[];
  chosen: Id;
  onChoose: (id: Id) => void;
  /** What belongs to the chosen one. */
  children: JSX.Element;
};

/** A few views of which one is shown (WAI-ARIA tabs): the arrows go from one to the next, Tab goes into it. */
export const Tabs = <Id extends string>(props: TabsProps<Id>) => {
  const panelId = createUniqueId();
  const idOf = (tab: Id) => `${panelId}-${tab}`;
  let list: HTMLDivElement | undefined;
  const step = (by: number) => {
    const at = props.tabs.findIndex(({ id }) => id === props.chosen);
    const next = props.tabs[(at + by + props.tabs.length) % props.tabs.length];
    if (!next) return;
    props.onChoose(next.id);
    list?.querySelector<HTMLElement>(`[id="${idOf(next.id)}"]`)?.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    step(by);
  };
  return (
    <>
      <div class="tabs" role="tablist" aria-label={props.label} ref={list} onKeyDown={onKeyDown}>
        <For each={props.tabs}>
          {(tab) => (
            <button
              type="button"
              role="tab"
              class="tab"
              id={idOf(tab.id)}
              aria-selected={tab.id === props.chosen}
              aria-controls={panelId}
              tabindex={tab.id === props.chosen ? 0 : -1}
              onClick={() => props.onChoose(tab.id)}
            >
              {tab.label}
            </button>
          )}
        </For>
      </div>
      <div id={panelId} role="tabpanel" aria-labelledby={idOf(props.chosen)}>
        {props.children}
      </div>
    </>
  );
};
