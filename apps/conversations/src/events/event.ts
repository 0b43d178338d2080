import type { BusEvent, BusEventOf, BusEventType } from '@chatapp/contract/events';
import type { Id } from '@chatapp/contract/ids';

/** What a use case says happened; who, when, where and the version are added when it is recorded. */
export type Draft = {
  [Type in BusEventType]: { readonly type: Type; readonly data: BusEventOf<Type>['data'] };
}[BusEventType];

/** Whether an event carries a version of its conversation: what changes members or settings does, an invitation does not. */
export const isVersioned = (type: BusEventType): boolean =>
  (type.startsWith('conversation.') || type.startsWith('member.')) && type !== 'conversation.active';

interface Circumstances {
  readonly id: Id;
  readonly at: Date;
  /** The person who did it; null where nobody did. */
  readonly actor: Id | null;
  readonly conversationId: Id | null;
  readonly version: number | null;
}

export const toEvent = (draft: Draft, { at, ...rest }: Circumstances): BusEvent =>
  // The union of drafts and the union of events are the same types in the same pairs, which the compiler does not follow.
  ({ ...draft, ...rest, v: 1, at: at.toISOString(), traceparent: null }) as BusEvent;
