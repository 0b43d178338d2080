import { createSignal } from 'solid-js';

export const themes = ['system', 'light', 'dark', 'contrast'] as const;
export type Theme = (typeof themes)[number];

const key = 'theme';
const isTheme = (value: unknown): value is Theme => themes.includes(value as Theme);

/** The chosen look, kept in this browser; `system` follows it. Sets `data-theme` on the page. */
export const createTheme = (page: Document, storage: Pick<Storage, 'getItem' | 'setItem'>) => {
  const stored = storage.getItem(key);
  const [theme, setTheme] = createSignal<Theme>(isTheme(stored) ? stored : 'system');
  const show = () => {
    if (theme() === 'system') delete page.documentElement.dataset.theme;
    else page.documentElement.dataset.theme = theme();
  };
  show();
  return {
    theme,
    choose: (next: Theme): void => {
      setTheme(next);
      storage.setItem(key, next);
      show();
    },
  };
};
