import { afterEach, describe, expect, it } from 'bun:test';
import { createSignal } from 'solid-js';
import { show } from '../../test/render.ts';
import { Tabs } from './tabs.tsx';

const tabs = [
  { id: 'one', label: 'One' },
  { id: 'two', label: 'Two' },
  { id: 'three', label: 'Three' },
] as const;

const start = () => {
  const [chosen, choose] = createSignal<'one' | 'two' | 'three'>('one');
  const page = show(() => (
    <Tabs label="Ways" tabs={tabs} chosen={chosen()} onChoose={choose}>
      {chosen()}
    </Tabs>
  ));
  return { page, chosen };
};
let page: ReturnType<typeof show> | undefined;
afterEach(() => page?.remove());

describe('Tabs', () => {
  it('shows what belongs to the tab that was pressed', () => {
    const started = start();
    page = started.page;
    page.root.querySelectorAll<HTMLElement>('[role="tab"]')[1]?.click();
    expect(page.texts('[role="tabpanel"]')).toEqual(['two']);
    expect(page.texts('[aria-selected="true"]')).toEqual(['Two']);
  });

  it('goes on with the arrows, round the ends, and takes the focus along', () => {
    const started = start();
    page = started.page;
    page.press('[role="tablist"]', 'ArrowLeft');
    expect(started.chosen()).toBe('three');
    expect(document.activeElement?.textContent).toBe('Three');
    page.press('[role="tablist"]', 'ArrowRight');
    expect(started.chosen()).toBe('one');
  });
});
