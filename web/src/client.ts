import type { Resumed } from '@chatapp/contract/frames';
import type { SignedInUser } from '@chatapp/contract/http-bff';
import type { Me, Message } from '@chatapp/contract/shapes';
import { createStore } from 'solid-js/store';
import { createAccountApi } from './api/account-api.ts';
import { createBffApi } from './api/bff-api.ts';
import { createConversationsApi } from './api/conversations-api.ts';
import { type Http, ofPerson } from './api/http.ts';
import { createInvitationsApi } from './api/invitations-api.ts';
import { createMembersApi } from './api/members-api.ts';
import { createMessagesApi } from './api/messages-api.ts';
import { createConversations } from './conversations/conversations.ts';
import { createPeople } from './conversations/people.ts';
import { createPreviews } from './conversations/previews.ts';
import { createInvitations } from './invitations/invitations.ts';
import { createBans } from './members/bans.ts';
import { createJoinRequests } from './members/join-requests.ts';
import { createMembers } from './members/members.ts';
import { createReadMarker } from './messages/read-marker.ts';
import { createReceipts } from './messages/receipts.ts';
import { showsItem } from './messages/shows-item.ts';
import { createTimelines } from './messages/timelines.ts';
import { createUnread } from './messages/unread-store.ts';
import { createDeliver } from './outbox/deliver.ts';
import { createOutbox } from './outbox/outbox.ts';
import type { OutboxStore } from './outbox/outbox-store.ts';
import type { OpenTabs } from './outbox/tabs.ts';
import { createPresence } from './presence/presence.ts';
import type { Clock } from './realtime/clock.ts';
import { createConnection, type OpenSocket } from './realtime/connection.ts';
import { createInbox } from './realtime/inbox.ts';
import { createLists } from './realtime/lists.ts';
import { createPushRouter } from './realtime/route-pushes.ts';
import { createTyping } from './typing/typing.ts';
import { createPictures } from './ui/pictures.ts';

export type ClientParts = {
  signedIn: SignedInUser;
  http: Http;
  outboxStore: OutboxStore;
  openTabs: OpenTabs;
  openSocket: OpenSocket;
  clock: Clock;
  random: () => number;
  newId: () => string;
  looking: () => boolean;
  /** False when the browser says that there is no network. */
  online: () => boolean;
  /** The browser is signed in as somebody else, as an answer shows: asks anew who is. */
  onSignedOut: () => Promise<void>;
  /** I am no longer a member of it, and did not leave it here. */
  onRemoved: (conversationName: string) => void;
};
export type Client = ReturnType<typeof createClient>;

/** Everything a signed-in page knows and does, wired together: one store a concern, one connection that feeds them all. */
export const createClient = (parts: ClientParts) => {
  const { clock, random, newId } = parts;
  const http = ofPerson(parts.http, parts.signedIn.user.id);
  const [me, setMe] = createStore<Me>({ ...parts.signedIn.user });
  const accountApi = createAccountApi(http);
  const bffApi = createBffApi(http);
  const pictures = createPictures((path) => http.request<Blob>('GET', path, { answer: 'file' }));
  const conversationsApi = createConversationsApi(http);
  const membersApi = createMembersApi(http);
  const invitationsApi = createInvitationsApi(http);
  const messagesApi = createMessagesApi(http);

  const people = createPeople({ usersOf: conversationsApi.usersOf, clock });
  people.learn([parts.signedIn.user]);
  const conversations = createConversations(conversationsApi);
  const members = createMembers({ api: membersApi, people });
  const bans = createBans(membersApi);
  const joinRequests = createJoinRequests(membersApi);
  const previews = createPreviews({ api: messagesApi, clock, random });
  const invitations = createInvitations({ api: invitationsApi, me: me.id });
  const timelines = createTimelines({
    api: messagesApi,
    clock,
    random,
    onFetched: (newest) => {
      previews.take(newest);
      outbox.sweep();
    },
  });
  const unread = createUnread({ api: messagesApi, me: me.id, clock, random, newId });
  const receipts = createReceipts({ receiptsOf: messagesApi.receipts });
  const presence = createPresence();

  const lists = createLists({
    loads: () => {
      previews.askAgain();
      const ofOpened = [members, receipts, joinRequests, bans].flatMap(({ ids, load }) =>
        ids().map((c) => () => load(c)),
      );
      return [conversations.load, invitations.load, unread.load, ...ofOpened];
    },
    clock,
    random,
  });

  let asked: string[] = [];
  const inbox = createInbox((push) => route(push));
  const connection = createConnection({
    ticket: bffApi.realtimeTicket,
    open: parts.openSocket,
    clock,
    random,
    positions: () => {
      const positions = timelines.positions();
      asked = positions.map(([c]) => c);
      return positions;
    },
    onGreeting: () => {
      presence.clear();
      inbox.hold();
    },
    onResumed: (answer) => inbox.release(() => resumed(answer)),
    onPush: inbox.take,
    onLost: inbox.clear,
  });

  const resumed = ({ conversations: answers }: Resumed) => {
    timelines.resumed(answers, asked);
    for (const answer of answers) if ('changes' in answer) seen(answer.changes);
    lists.load();
    // After `ready`, so that the socket is the road again.
    queueMicrotask(() => {
      outbox.hurry();
      readMarker.saveAll();
    });
  };

  const outbox = createOutbox({
    store: parts.outboxStore,
    me: me.id,
    deliver: createDeliver({ connection, api: messagesApi, clock, random }),
    openTabs: parts.openTabs,
    clock,
    random,
    newId,
    reachable: () => connection.ready() || parts.online(),
    isShown: (item) => {
      const entry = timelines.peek(item.conversationId);
      return entry === undefined || showsItem(entry.timeline(), item);
    },
  });

  const typing = createTyping({
    clock,
    me: me.id,
    tell: (conversationId, on) => connection.tell('typing', { conversationId, on }),
  });

  const readMarker = createReadMarker({
    clock,
    random,
    looking: parts.looking,
    lastRead: (c) => unread.of(c).lastReadSeq,
    moved: unread.read,
    save: (conversationId, seq, by) =>
      by === 'socket' && connection.ready()
        ? connection.request('read', { conversationId, seq })
        : messagesApi.read(conversationId, seq, newId()),
  });

  /** Messages were created or changed, whether their timeline is open or not. */
  const seen = (messages: readonly Message[]) => {
    previews.take(messages);
    unread.count(messages);
    for (const message of messages) {
      conversations.touch(message.conversationId, message.createdAt);
      typing.done(message.conversationId, message.senderId);
    }
    outbox.sweep();
  };

  const removed = (c: string) => {
    const name = conversations.get(c)?.name;
    timelines.forget(c);
    previews.forget(c);
    for (const { forget } of [members, receipts, joinRequests, bans]) forget(c);
    conversations.remove(c);
    if (name !== undefined && !leaving.delete(c)) parts.onRemoved(name);
  };

  const leaving = new Set<string>();

  const route = createPushRouter({
    me: me.id,
    timelines,
    conversations,
    members,
    joinRequests,
    invitations,
    unread,
    receipts,
    typing,
    presence,
    seen,
    removed,
    listsChanged: lists.load,
  });

  /** My profile as it is now, wherever it is shown. The page stays mine, whoever the browser is by now. */
  const learnMe = (now: Me): void => {
    if (now.id !== me.id) return void parts.onSignedOut();
    setMe(now);
    people.learn([now]);
  };

  return {
    me,
    learnMe,
    logoutUrl: parts.signedIn.logoutUrl,
    connection,
    accountApi,
    pictures,
    bffApi,
    conversationsApi,
    membersApi,
    invitationsApi,
    people,
    conversations,
    members,
    bans,
    joinRequests,
    previews,
    invitations,
    timelines,
    unread,
    receipts,
    presence,
    typing,
    readMarker,
    outbox,
    loadLists: lists.load,
    looking: parts.looking,
    /** Leaves a conversation. Throws `ApiError`. */
    leave: async (c: string): Promise<void> => {
      leaving.add(c);
      try {
        await conversationsApi.leave(c);
        removed(c);
      } finally {
        leaving.delete(c);
      }
    },
    start: (): void => {
      connection.start();
      lists.load();
    },
    stop: (): void => {
      connection.stop();
      lists.stop();
      outbox.stop();
      unread.stop();
      readMarker.stop();
    },
  };
};
