import type { BusEvent, BusEventOf } from '@chatapp/contract/events';
import { outranks } from '@chatapp/contract/roles';
import type { SystemEvent } from '@chatapp/contract/shapes';
import type { BusNote } from '../commands/task.ts';

type Effect = Partial<Pick<BusNote, 'system' | 'joined' | 'loss'>> & { readonly subject: string };

/** What an event leaves in the messages of its conversation; undefined where it leaves nothing. */
export const noteOf = (event: BusEvent): BusNote | undefined => {
  const effect = effectOf(event);
  if (!effect || event.conversationId === null) return undefined;
  const { subject, system = null, joined = null, loss = null } = effect;
  return {
    op: 'note',
    conversationId: event.conversationId,
    actorId: event.actor ?? subject,
    clientId: event.id,
    at: Date.parse(event.at),
    origin: null,
    system,
    joined,
    loss,
  };
};

const effectOf = (event: BusEvent): Effect | undefined => {
  switch (event.type) {
    case 'conversation.created': {
      const { conversation, member } = event.data;
      const userId = event.actor ?? member.user.id;
      return { subject: userId, system: { type: 'created', userId, name: conversation.name }, joined: member.user.id };
    }
    case 'conversation.updated': {
      const { name } = event.data;
      if (name === undefined || event.actor === null) return undefined;
      return { subject: event.actor, system: { type: 'renamed', userId: event.actor, name } };
    }
    case 'member.added': {
      const { userId, role } = event.data;
      return { subject: userId, system: { type: 'joined', userId, role }, joined: userId };
    }
    case 'member.left':
      return gone(event, 'left');
    case 'member.removed':
    case 'member.banned':
      return gone(event, 'removed');
    case 'member.role-changed':
      return roleChanged(event);
    default:
      return undefined;
  }
};

const gone = (
  { data, version }: BusEventOf<'member.left' | 'member.removed' | 'member.banned'>,
  type: SystemEvent['type'],
): Effect => {
  const { userId } = data;
  return { subject: userId, system: { type, userId }, loss: version === null ? null : { userId, version } };
};

const roleChanged = ({ data, version }: BusEventOf<'member.role-changed'>): Effect => {
  const { userId, role, previousRole } = data;
  const isLower = previousRole === null || outranks(previousRole, role);
  const loss = isLower && version !== null ? { userId, version } : null;
  return { subject: userId, system: { type: 'role', userId, role }, loss };
};
