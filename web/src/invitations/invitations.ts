import type { Invitation } from '@chatapp/contract/shapes';
import { createSignal } from 'solid-js';
import type { InvitationsApi } from '../api/invitations-api.ts';

export type InvitationsParts = { api: Pick<InvitationsApi, 'invitations'>; me: string };
export type Invitations = ReturnType<typeof createInvitations>;

/** Invitations of me that wait for an answer, the newest first. */
export const createInvitations = ({ api, me }: InvitationsParts) => {
  const [pending, setPending] = createSignal<readonly Invitation[]>([]);
  const [sent, setSent] = createSignal<Invitation>();
  let pushed: Invitation[] | undefined;

  const put = (invitation: Invitation) => {
    if (invitation.inviter.id === me) setSent(invitation);
    if (invitation.invitee?.id !== me) return;
    pushed?.push(invitation);
    setPending((all) => withOne(all, invitation));
  };

  return {
    pending,
    put,
    /** The last one of mine that somebody answered, or that ended. */
    sent,
    /** Answered here: it goes before the push says so. */
    remove: (id: string): void => void setPending((all) => all.filter((other) => other.id !== id)),
    load: async (): Promise<void> => {
      const during: Invitation[] = [];
      pushed = during;
      const items = await api.invitations();
      // A later one is on its way, or has come.
      if (pushed !== during) return;
      pushed = undefined;
      setPending(during.reduce<readonly Invitation[]>(withOne, items.filter(isPending).sort(byAge)));
    },
  };
};

const isPending = ({ state }: Invitation): boolean => state === 'pending';
const byAge = (a: Invitation, b: Invitation): number => (a.createdAt < b.createdAt ? 1 : -1);

const withOne = (all: readonly Invitation[], invitation: Invitation): Invitation[] => {
  const others = all.filter((other) => other.id !== invitation.id);
  return isPending(invitation) ? [invitation, ...others].sort(byAge) : others;
};
