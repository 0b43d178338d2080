import type { ProblemCode } from '@chatapp/contract/problem';
import { ProblemError } from '@chatapp/service/problem';

/** Throws where a pure rule answered a code. */
export const refuse = (code: ProblemCode | undefined): void => {
  if (code !== undefined) throw new ProblemError(code);
};
