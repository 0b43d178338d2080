import type { Invitation } from '@chatapp/contract/shapes';
import { codeOf, type FailureCode } from '../api/api-error.ts';
import type { AppContext } from '../context.ts';
import { failureText, text } from '../i18n/text.ts';
import { createAttempt } from '../ui/attempt.ts';
import { pathOf } from '../ui/route.ts';

type Needs = Pick<AppContext, 'client' | 'notices' | 'route'>;

/** The ways to answer an invitation of mine, wherever it stands; an answered one goes at once. */
export const createAnswer = (app: Needs, invitation: () => Invitation) => {
  const { client, notices, route } = app;
  const attempt = createAttempt(notices.fail, (code) => refusalText(code, invitation().inviter.name));
  const answer = (act: (id: string) => Promise<unknown>): Promise<boolean> => {
    const { id } = invitation();
    return attempt.run(async () => {
      try {
        await act(id);
        client.invitations.remove(id);
      } catch (error) {
        if (isOver(codeOf(error))) client.invitations.remove(id);
        throw error;
      }
    });
  };
  return {
    busy: attempt.busy,
    join: () =>
      answer(async (id) => {
        const { conversation } = await client.invitationsApi.accept(id);
        client.conversations.put(conversation);
        route.go(pathOf(conversation.id));
      }),
    decline: () => answer((id) => client.invitationsApi.decline(id)),
    /** And never hear of the inviter again; that can be undone. */
    declineAndBlock: async () => {
      const { inviter } = invitation();
      const isDone = await answer((id) => client.invitationsApi.decline(id, { block: true }));
      if (!isDone) return false;
      const unblock = () => void createAttempt(notices.fail).run(() => client.accountApi.unblock(inviter.id));
      notices.tell(text.invitations.blocked(inviter.name), { label: text.invitations.undo, run: unblock });
      return true;
    },
  };
};

const isOver = (code: FailureCode): boolean => code.startsWith('invitation-') || code === 'not-found';

const refusalText = (code: FailureCode, inviter: string): string => {
  if (code === 'invitation-expired') return text.invitations.expired(inviter);
  if (isOver(code)) return text.invitations.gone(inviter);
  return text.invitations.refused[code]?.title ?? failureText(code);
};
