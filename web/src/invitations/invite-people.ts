import type { User } from '@chatapp/contract/shapes';
import type { AppContext } from '../context.ts';
import { listOf } from '../i18n/format.ts';
import { text } from '../i18n/text.ts';

/** Invites several people and says how it went; one that fails does not keep the others out. */
export const invitePeople = async (
  { client, notices }: Pick<AppContext, 'client' | 'notices'>,
  conversationId: string,
  people: readonly User[],
): Promise<void> => {
  const asked = await Promise.allSettled(
    people.map(({ id }) => client.invitationsApi.invite(conversationId, { userId: id })),
  );
  const names = (status: PromiseSettledResult<unknown>['status']) =>
    people.filter((_, index) => asked[index]?.status === status).map(({ name }) => name);
  const sent = names('fulfilled');
  const failed = names('rejected');
  if (sent.length > 0) notices.tell(text.invite.sent(listOf(sent)));
  if (failed.length > 0) notices.fail(text.invite.failed(listOf(failed)));
};
