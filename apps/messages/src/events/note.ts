import type { BusEvent, BusEventOf } from '@chatapp/contract/events';
import { outranks } from '@chatapp/contract/roles';
import type { SystemEvent } from '@chatapp/contract/shapes';
import { type BusNote, everyone } from '../commands/task.ts';
import type { ToldDeparture } from './departure-store.ts';

type Effect = Partial<Pick<BusNote, 'system' | 'joined' | 'left' | 'loss' | 'erases'>> & { readonly subject: string };

/** What an event leaves in the messages of its conversation; undefined where it leaves nothing. */
export const noteOf = (event: BusEvent): BusNote | undefined => {
  const effect = effectOf(event);
  if (!effect || event.conversationId === null) return undefined;
  const { subject, system = null, joined = null, left = null, loss = null, erases = false } = effect;
  return {
    op: 'note',
    conversationId: event.conversationId,
    actorId: event.actor ?? subject,
    clientId: event.id,
    at: Date.parse(event.at),
    origin: null,
    system,
    joined,
    left,
    loss,
    erases,
  };
};

/** Whose account an event says is gone. What they had sent may have been saved until the event was heard of: a text waits as long as nobody saves. */
export const departureOf = (event: BusEvent, heardAt: number): ToldDeparture | undefined => {
  if (event.type !== 'user.deleted') return undefined;
  const at = new Date(Math.max(Date.parse(event.at), heardAt)).toISOString();
  return { userId: event.data.userId, at, eventId: event.id };
};

const effectOf = (event: BusEvent): Effect | undefined => {
  switch (event.type) {
    case 'conversation.created': {
      const { conversation, member } = event.data;
      const userId = event.actor ?? member.user.id;
      return { subject: userId, system: { type: 'created', userId, name: conversation.name }, joined: member.user.id };
    }
    case 'conversation.updated':
      return updated(event);
    case 'conversation.deleted':
      return { subject: event.actor ?? everyone, loss: lossOfAll(event) };
    case 'conversation.erased':
      return { subject: event.actor ?? everyone, loss: lossOfAll(event), erases: true };
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

const updated = (event: BusEventOf<'conversation.updated'>): Effect | undefined => {
  const { actor, data } = event;
  const { name, archivedAt } = data;
  const system = name === undefined || actor === null ? null : ({ type: 'renamed', userId: actor, name } as const);
  // Archived: nobody may write any more.
  const loss = archivedAt ? lossOfAll(event) : null;
  return system || loss ? { subject: actor ?? everyone, system, loss } : undefined;
};

const lossOfAll = ({ version }: BusEvent): BusNote['loss'] => (version === null ? null : { userId: everyone, version });

const gone = (
  { data, version }: BusEventOf<'member.left' | 'member.removed' | 'member.banned'>,
  type: SystemEvent['type'],
): Effect => {
  const { userId } = data;
  const loss = version === null ? null : { userId, version };
  return { subject: userId, system: { type, userId }, left: userId, loss };
};

const roleChanged = ({ data, version }: BusEventOf<'member.role-changed'>): Effect => {
  const { userId, role, previousRole } = data;
  const isLower = previousRole === null || outranks(previousRole, role);
  const loss = isLower && version !== null ? { userId, version } : null;
  return { subject: userId, system: { type: 'role', userId, role }, loss };
};
