import { text } from '../i18n/text.ts';
import type { Notices } from './notices.ts';

/** Puts a text into the clipboard, and says whether that worked. */
export const copyText = (notices: Notices, said: string): Promise<void> =>
  navigator.clipboard.writeText(said).then(
    () => notices.tell(text.unsent.copied),
    () => notices.fail(text.failures.other),
  );
