import { limits } from '@chatapp/contract/limits';

const oneEmoji = /^\p{RGI_Emoji}$/v;

/** Whether a text is exactly one emoji of Unicode's list; one that needs the variation selector for its colours may come without it. */
export const isEmoji = (text: string): boolean =>
  text.length <= limits.emojiLengthMax && (oneEmoji.test(text) || oneEmoji.test(`${text}\ufe0f`));
