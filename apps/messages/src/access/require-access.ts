import type { Access } from '@chatapp/contract/http-conversations';
import { ProblemError } from '@chatapp/service/problem';
import type { AccessCache } from './access.ts';

/** The person's access; throws the `not-found` of a conversation that does not exist for a stranger. */
export const requireAccess = async (access: AccessCache, conversationId: string, userId: string): Promise<Access> => {
  const found = await access.of(conversationId, userId);
  if (!found) throw new ProblemError('not-found');
  return found;
};
