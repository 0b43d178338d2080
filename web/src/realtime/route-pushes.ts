import type { Push } from '@chatapp/contract/frames';
import type { Message } from '@chatapp/contract/shapes';
import type { Conversations } from '../conversations/conversations.ts';
import type { Invitations } from '../invitations/invitations.ts';
import type { JoinRequests } from '../members/join-requests.ts';
import type { Members } from '../members/members.ts';
import type { Receipts } from '../messages/receipts.ts';
import type { Timelines } from '../messages/timelines.ts';
import type { Unread } from '../messages/unread-store.ts';
import type { Presence } from '../presence/presence.ts';
import type { Typing } from '../typing/typing.ts';

export type PushTargets = {
  me: string;
  timelines: Timelines;
  conversations: Conversations;
  members: Members;
  joinRequests: JoinRequests;
  invitations: Invitations;
  unread: Unread;
  receipts: Receipts;
  typing: Typing;
  presence: Presence;
  /** Messages were created or changed, whether their timeline is open or not. */
  seen: (messages: readonly Message[]) => void;
  /** The conversation is no longer mine. */
  removed: (conversationId: string) => void;
  /** What the lists say may have changed. */
  listsChanged: () => void;
};

/** Brings each push to the stores that it concerns. */
export const createPushRouter =
  (to: PushTargets) =>
  (push: Push): void => {
    switch (push.e) {
      case 'message':
        to.timelines.take(push.c, { after: push.rev - 1, to: push.rev, changes: [push.message] });
        to.seen([push.message]);
        break;
      case 'changes':
        to.timelines.take(push.c, push);
        to.seen(push.changes);
        break;
      case 'conversation':
        if ('conversation' in push) to.conversations.put(push.conversation);
        else if ('gone' in push) to.removed(push.c);
        else to.conversations.change(push.c, push.version, push.set);
        break;
      case 'members':
        to.members.change(push.c, push.member, push.change);
        if (push.change === 'added') to.joinRequests.remove(push.c, push.member.user.id);
        break;
      case 'invitation':
        to.invitations.put(push.invitation);
        break;
      case 'read':
        if (push.userId === to.me) to.unread.read(push.c, push.seq, push.markedUnread);
        else to.receipts.read(push.c, push.userId, push.seq);
        break;
      case 'lists':
        to.listsChanged();
        break;
      case 'typing':
        to.typing.take(push.c, push.userIds);
        break;
      case 'presence':
        to.presence.take(push.userId, push.status);
        break;
      case 'join-request':
        to.joinRequests.add(push.c, push.request);
        break;
      // These three are the connection's.
      case 'session':
      case 'hello':
      case 'goaway':
        break;
      default:
        push satisfies never;
    }
  };
