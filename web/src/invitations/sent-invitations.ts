import type { Invitation } from '@chatapp/contract/shapes';
import { createSignal } from 'solid-js';
import type { InvitationsApi } from '../api/invitations-api.ts';

export type SentInvitations = ReturnType<typeof createSentInvitations>;

/** The invitations to one conversation that can still be used, the newest first: all of them for who may revoke them, else my own. */
export const createSentInvitations = (api: Pick<InvitationsApi, 'pendingOf' | 'revoke'>, conversationId: string) => {
  const [pending, setPending] = createSignal<readonly Invitation[]>([]);
  const load = async (): Promise<void> => void setPending(await api.pendingOf(conversationId));
  return {
    of: (kind: Invitation['kind']): Invitation[] => pending().filter((invitation) => invitation.kind === kind),
    load,
    /** It was answered, used or ended elsewhere. */
    take: (invitation: Invitation): void =>
      void setPending((all) =>
        invitation.state === 'pending'
          ? all.map((known) => (known.id === invitation.id ? { ...known, ...invitation } : known))
          : all.filter(({ id }) => id !== invitation.id),
      ),
    /** A repeat of a pending one is the same one. */
    add: (invitation: Invitation): void =>
      void setPending((all) => [invitation, ...all.filter(({ id }) => id !== invitation.id)]),
    /** Ends it at once. Throws `ApiError`: where it was used meanwhile the list is looked at again. */
    revoke: async (id: string): Promise<void> => {
      try {
        await api.revoke(id);
        setPending((all) => all.filter((other) => other.id !== id));
      } catch (error) {
        await load().catch(() => undefined);
        throw error;
      }
    },
  };
};
