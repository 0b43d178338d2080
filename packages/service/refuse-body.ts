import { ProblemError } from './problem.ts';

/**
 * Before a handler that takes no body: throws `invalid` where one has fields, which would be sent in vain. Nothing and `{}` are fine. No schema, for the API
 * documentation would show it as a body that is required.
 */
export const refuseBody = ({ body }: { readonly body: unknown }): void => {
  const fields = Object.keys(Object(body));
  if (fields.length === 0) return;
  throw new ProblemError('invalid', {
    errors: fields.slice(0, 10).map((field) => ({ path: `/${field}`, code: 'unknown' })),
  });
};
