import { describe, expect, it } from 'bun:test';
import { createRoot } from 'solid-js';
import { createRowFocus } from './row-focus.ts';

describe('createRowFocus', () => {
  it.each([
    ['touch', ['first']],
    ['mouse', []],
  ])('takes the long press that the browser tells of, by %s', (pointerType, expected) => {
    createRoot((dispose) => {
      const active: (string | undefined)[] = [];
      const { rows } = createRowFocus((key) => active.push(key));
      const row = document.createElement('article');
      row.className = 'message';
      row.dataset.key = 'first';
      row.addEventListener('contextmenu', rows.onContextMenu);
      row.dispatchEvent(Object.assign(new MouseEvent('contextmenu'), { pointerType }));
      expect(active).toEqual(expected);
      dispose();
    });
  });
});
