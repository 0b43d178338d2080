import { createSignal } from 'solid-js';
import { codeOf, type FailureCode } from '../api/api-error.ts';
import { failureText } from '../i18n/text.ts';

/** Does one thing at a time that may fail, and says so in words. `run` answers whether it worked. */
export const createAttempt = (onFail: (text: string) => void, textOf: (code: FailureCode) => string = failureText) => {
  const [busy, setBusy] = createSignal(false);
  return {
    busy,
    run: async (act: () => Promise<unknown>): Promise<boolean> => {
      if (busy()) return false;
      setBusy(true);
      try {
        await act();
        return true;
      } catch (error) {
        onFail(textOf(codeOf(error)));
        return false;
      } finally {
        setBusy(false);
      }
    },
  };
};
