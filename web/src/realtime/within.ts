import type { Clock } from './clock.ts';

/** The answer, or undefined when it takes longer than `ms`. */
export const within = <T>(clock: Clock, ms: number, answer: Promise<T>): Promise<T | undefined> => {
  const { promise, resolve, reject } = Promise.withResolvers<T | undefined>();
  const cancel = clock.after(ms, () => resolve(undefined));
  answer.then(resolve, reject).finally(cancel);
  return promise;
};
