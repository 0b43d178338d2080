import { plugin } from 'bun';
import { Window } from 'happy-dom';

/** Compiles components as the build does, and lends the test process the parts of a browser that they touch. */

plugin({
  name: 'solid',
  setup(build) {
    build.onLoad({ filter: /\/web\/(src|test)\/.*\.tsx$/ }, async ({ path }) => {
      // Only here: most tests touch no component, and the compiler takes longer to load than they run.
      const { transformAsync } = await import('@babel/core');
      const compiled = await transformAsync(await Bun.file(path).text(), {
        filename: path,
        babelrc: false,
        configFile: false,
        presets: ['babel-preset-solid', '@babel/preset-typescript'],
      });
      return { contents: compiled?.code ?? '', loader: 'js' };
    });
    build.onLoad({ filter: /\.css$/ }, () => ({ contents: '', loader: 'js' }));
  },
});

const window = new Window({ url: 'http://localhost/' });
const lent = [
  'window',
  'document',
  'Node',
  'Element',
  'HTMLElement',
  'HTMLDialogElement',
  'HTMLInputElement',
  'HTMLTextAreaElement',
  'SVGElement',
  'DocumentFragment',
  'Text',
  'Event',
  'CustomEvent',
  'KeyboardEvent',
  'MouseEvent',
  'InputEvent',
  'FocusEvent',
  'MutationObserver',
  'ResizeObserver',
  'IntersectionObserver',
  'requestAnimationFrame',
  'cancelAnimationFrame',
  'getComputedStyle',
  'localStorage',
  'sessionStorage',
  'history',
  'location',
  'matchMedia',
] as const;
for (const name of lent) {
  const value = name === 'window' ? window : (window as unknown as Record<string, unknown>)[name];
  const bound = typeof value === 'function' && /^[a-z]/.test(name) ? value.bind(window) : value;
  Object.defineProperty(globalThis, name, { value: bound, configurable: true, writable: true });
}
