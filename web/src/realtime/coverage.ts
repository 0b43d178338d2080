/** What a push or a page of changes covers of a conversation: every `rev` in (after, to]. */
export type Coverage = { after: number; to: number };

/**
 * What to do with changes when every `rev` up to `have` is known: drop what is known, apply what joins on, and fetch what lies between
 * when there is a hole. A hole is never passed over.
 */
export const verdictOn = (have: number, { after, to }: Coverage): 'drop' | 'apply' | 'fetch' => {
  if (to <= have) return 'drop';
  return after <= have ? 'apply' : 'fetch';
};
