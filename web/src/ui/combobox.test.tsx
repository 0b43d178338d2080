import { afterEach, describe, expect, it, spyOn } from 'bun:test';
import { createSignal } from 'solid-js';
import { show } from '../../test/render.ts';
import { Combobox } from './combobox.tsx';

const people = ['Ann', 'Bob', 'Carol'].map((name) => ({ id: name.toLowerCase(), name }));

const start = ({ offers = false } = {}) => {
  const taken: string[] = [];
  const [items, setItems] = createSignal(people);
  const [query, setQuery] = createSignal('');
  const page = show(() => (
    <Combobox
      label="People"
      placeholder=""
      query={query()}
      onQuery={setQuery}
      items={items()}
      offers={offers}
      onTake={(item) => taken.push(item.name)}
      isDisabled={({ name }) => name === 'Carol'}
      onBack={() => taken.pop()}
      option={(item) => item.name}
    />
  ));
  const active = () => page.texts('[aria-selected="true"]');
  return { page, taken, active, setItems, setQuery };
};
let page: ReturnType<typeof show> | undefined;
afterEach(() => page?.remove());

describe('Combobox', () => {
  it('moves with the arrows, round the ends, and tells the field which it is', () => {
    const started = start();
    page = started.page;
    expect(started.active()).toEqual(['Ann']);
    page.press('input', 'ArrowDown');
    expect(started.active()).toEqual(['Bob']);
    page.press('input', 'ArrowUp');
    page.press('input', 'ArrowUp');
    expect(started.active()).toEqual(['Carol']);
    const id = page.find('input').getAttribute('aria-activedescendant');
    expect(page.find(`[id="${id}"]`).textContent).toBe('Carol');
  });

  it('keeps the one that the arrows reach in sight', () => {
    const seen: (string | null)[] = [];
    const scroll = spyOn(Element.prototype, 'scrollIntoView').mockImplementation(function (this: Element) {
      seen.push(this.textContent);
    });
    const started = start();
    page = started.page;
    page.press('input', 'ArrowDown');
    page.press('input', 'ArrowUp');
    expect(seen).toEqual(['Bob', 'Ann']);
    scroll.mockRestore();
  });

  it('takes with Enter and with the mouse, but nothing disabled', () => {
    const started = start();
    page = started.page;
    page.press('input', 'Enter');
    for (const option of page.root.querySelectorAll<HTMLElement>('[role="option"]')) option.click();
    expect(started.taken).toEqual(['Ann', 'Ann', 'Bob']);
  });

  it('begins at the first again when the list changes', () => {
    const started = start();
    page = started.page;
    page.press('input', 'ArrowDown');
    started.setItems(people.slice(1));
    expect(started.active()).toEqual(['Bob']);
  });

  it('takes nothing that is only offered, until the arrows pick it', () => {
    const started = start({ offers: true });
    page = started.page;
    page.press('input', 'Enter');
    expect(started.taken).toEqual([]);
    page.press('input', 'ArrowDown');
    page.press('input', 'Enter');
    expect(started.taken).toEqual(['Ann']);
  });

  it('keeps Enter from the form around it while nothing was found yet', () => {
    const started = start();
    page = started.page;
    started.setItems([]);
    expect(page.press('input', 'Enter')).toBe(true);
    started.setQuery('ev');
    expect(page.press('input', 'Enter')).toBe(false);
  });

  it('takes nothing with the Enter that confirms what an input method composed in Safari', () => {
    const started = start();
    page = started.page;
    page.find('input').dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', keyCode: 229, bubbles: true }));
    expect(started.taken).toEqual([]);
  });

  it('takes the last chosen back with Backspace in an empty field', () => {
    const started = start();
    page = started.page;
    page.press('input', 'Enter');
    page.press('input', 'Backspace');
    expect(started.taken).toEqual([]);
  });
});
