import type { Invitation } from '@chatapp/contract/shapes';
import { createSignal } from 'solid-js';
import type { InvitationsApi } from '../api/invitations-api.ts';
import { createMeanwhile } from '../realtime/meanwhile.ts';

export type InvitationsParts = { api: Pick<InvitationsApi, 'invitations'>; me: string };
export type Invitations = ReturnType<typeof createInvitations>;

/** Invitations of me that wait for an answer, the newest first. */
export const createInvitations = ({ api, me }: InvitationsParts) => {
  const [pending, setPending] = createSignal<readonly Invitation[]>([]);
  const [sent, setSent] = createSignal<Invitation>();
  const onTheWay = createMeanwhile<readonly Invitation[]>();
  const change = (to: (all: readonly Invitation[]) => readonly Invitation[]) => {
    onTheWay.note('', to);
    setPending(to);
  };

  const put = (invitation: Invitation) => {
    if (invitation.inviter.id === me) setSent(invitation);
    if (invitation.invitee?.id === me) change((all) => withOne(all, invitation));
  };

  return {
    pending,
    put,
    /** The last one of mine that somebody answered, or that ended. */
    sent,
    /** Answered here: it goes before the push says so. */
    remove: (id: string): void => change((all) => all.filter((other) => other.id !== id)),
    load: async (): Promise<void> => {
      const items = api.invitations().then((all) => all.filter(isPending).sort(byAge));
      const answer = await onTheWay.over('', items);
      if (answer) setPending(answer);
    },
  };
};

const isPending = ({ state }: Invitation): boolean => state === 'pending';
const byAge = (a: Invitation, b: Invitation): number => (a.createdAt < b.createdAt ? 1 : -1);

const withOne = (all: readonly Invitation[], invitation: Invitation): Invitation[] => {
  const others = all.filter((other) => other.id !== invitation.id);
  return isPending(invitation) ? [invitation, ...others].sort(byAge) : others;
};
