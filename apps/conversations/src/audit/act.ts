import type { BusEvent } from '@chatapp/contract/events';
import type { AuditEntry } from '@chatapp/contract/http-conversations';
import type { Id } from '@chatapp/contract/ids';

/** What the audit keeps of something that happened: ids and words, never a name of a person or an address. */
export interface Act {
  readonly act: string;
  readonly subjectId: Id | null;
  readonly details: AuditEntry['details'];
}

/** The act that an event tells; undefined for what is a person's own affair. */
export const actOf = (event: BusEvent): Act | undefined => {
  const about = (subjectId: Id | null, details: Act['details'] = {}): Act => ({ act: event.type, subjectId, details });
  switch (event.type) {
    case 'conversation.created':
      return about(null, { name: event.data.conversation.name });
    case 'conversation.updated':
      return about(null, plainFields(event.data));
    case 'conversation.deleted':
    case 'conversation.restored':
      return about(null);
    case 'member.added':
    case 'member.removed':
    case 'member.left':
    case 'member.banned':
      return about(event.data.userId, { role: event.data.role });
    case 'member.role-changed':
      return about(event.data.userId, { role: event.data.role, previousRole: event.data.previousRole });
    case 'member.unbanned':
      return about(event.data.userId);
    case 'member.requested':
      return about(event.data.request.user.id);
    case 'invitation.created':
    case 'invitation.accepted':
    case 'invitation.declined':
    case 'invitation.revoked':
    case 'invitation.expired': {
      const { id, kind, role, invitee } = event.data;
      return about(invitee?.id ?? null, { invitationId: id, kind, role });
    }
    // An erased conversation has no audit; the others are not about a conversation, or about one person's view of it alone.
    case 'conversation.erased':
    case 'conversation.active':
    case 'member.settings':
    case 'user.updated':
    case 'user.deleted':
    case 'session.ended':
      return undefined;
    default:
      return event satisfies never;
  }
};

const plainFields = (fields: object): Act['details'] => {
  const isPlain = (entry: [string, unknown]): entry is [string, string | number | boolean | null] =>
    entry[1] === null || ['string', 'number', 'boolean'].includes(typeof entry[1]);
  return Object.fromEntries(Object.entries(fields).filter(isPlain));
};
