import type { JSX } from 'solid-js';
import { render } from 'solid-js/web';

/** Renders into a fresh element of the page; `remove` takes it away again. */
export const show = (component: () => JSX.Element) => {
  const root = document.createElement('div');
  document.body.append(root);
  const dispose = render(component, root);
  const find = <T extends HTMLElement>(selector: string): T => {
    const element = root.querySelector<T>(selector);
    if (!element) throw new Error(`nothing matches ${selector}`);
    return element;
  };
  return {
    root,
    find,
    texts: (selector: string) => Array.from(root.querySelectorAll(selector), (element) => element.textContent?.trim()),
    press: (selector: string, key: string) =>
      find(selector).dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true })),
    remove: () => {
      dispose();
      root.remove();
    },
  };
};
