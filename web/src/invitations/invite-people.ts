import type { Invite } from '@chatapp/contract/http-conversations';
import type { User } from '@chatapp/contract/shapes';
import { codeOf } from '../api/api-error.ts';
import type { AppContext } from '../context.ts';
import { dialogText } from '../i18n/dialog-text.ts';
import { listOf } from '../i18n/format.ts';

export type Invited = { people: readonly User[]; terms?: Pick<Invite, 'role' | 'expiresIn'> };

/** Invites several people and says how it went; one that fails does not keep the others out. */
export const invitePeople = async (
  { client, notices }: Pick<AppContext, 'client' | 'notices'>,
  conversationId: string,
  { people, terms = {} }: Invited,
): Promise<void> => {
  const asked = await Promise.allSettled(
    people.map(({ id }) => client.invitationsApi.invite(conversationId, { userId: id, ...terms })),
  );
  const sent: string[] = [];
  const refused = new Map<string, string[]>();
  for (const [index, { name }] of people.entries()) {
    const outcome = asked[index];
    if (outcome?.status !== 'rejected') sent.push(name);
    else {
      const why = dialogText.invite.refusals[codeOf(outcome.reason)] ?? dialogText.invite.failed;
      refused.set(why, [...(refused.get(why) ?? []), name]);
    }
  }
  if (sent.length > 0) notices.tell(dialogText.invite.sent(listOf(sent)));
  for (const [why, names] of refused) notices.fail(`${listOf(names)}: ${why}`);
};
