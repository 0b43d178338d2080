import { systemClock } from '@chatapp/resilience/clock';
import type { Log } from '@chatapp/service/log';
import type { Metrics } from '@chatapp/service/metrics';
import { sendAway } from '@chatapp/service/send-away';
import type { Redis } from 'ioredis';
import { createAccess } from './access/access.ts';
import type { Conversations } from './access/conversations.ts';
import { createCommands } from './commands/commands.ts';
import { Waiting } from './commands/waiting.ts';
import { createCollect } from './connection/collect.ts';
import { userOfTopic } from './connection/connection.ts';
import { createHandleFrame } from './connection/handle-frame.ts';
import { People, type Person } from './connection/people.ts';
import { createSocketCounts } from './connection/socket-count-store.ts';
import { createSockets } from './connection/sockets.ts';
import { createApplyEvent } from './events/apply-event.ts';
import { type EventReader, followEvents } from './events/follow-events.ts';
import { createTellDifference } from './events/tell-difference.ts';
import { createTellLists } from './events/tell-lists.ts';
import { every } from './every.ts';
import { createNodeMeters, showNodeState } from './node-meters.ts';
import { createPresence } from './presence/presence.ts';
import { createPresenceStore, presenceAnswers, presenceChannel } from './presence/presence-store.ts';
import type { ReadLiveSessions } from './sessions/live-sessions.ts';
import { Sessions } from './sessions/sessions.ts';
import { createSessionWatch } from './sessions/watch-sessions.ts';
import { createBus } from './subscriptions/bus-store.ts';
import { createFanOut } from './subscriptions/fan-out.ts';
import { createHeads } from './subscriptions/heads.ts';
import { createHoles } from './subscriptions/holes.ts';
import { createPersonConversations } from './subscriptions/memberships.ts';
import type { Messages } from './subscriptions/messages.ts';
import { createReadMissed } from './subscriptions/missed-changes.ts';
import { createResume } from './subscriptions/resume.ts';
import { Served } from './subscriptions/served.ts';
import { createSweep } from './subscriptions/sweep.ts';
import { createTyping } from './typing/typing.ts';
import { decodeTyping, publishTyping, typingChannel } from './typing/typing-store.ts';

export interface NodeOptions {
  /** Unique among all nodes, ever. */
  readonly nodeId: string;
  readonly shards: number;
  readonly accessCacheSeconds: number;
  readonly commandsPerMinute: number;
  readonly conversationCommandsPerMinute: number;
  readonly sessionSweepSeconds: number;
  readonly headsSweepSeconds: number;
  /** `commands` answers or fails; `subscriber` and `events` wait for data. */
  readonly redis: { readonly commands: Redis; readonly subscriber: Redis; readonly events: Redis };
  readonly conversations: Conversations;
  readonly messages: Messages;
  readonly readLiveSessions: ReadLiveSessions;
  /** Bun's native publish of the server that the sockets belong to. */
  readonly publish: (topic: string, frame: string) => void;
  readonly metrics: Metrics;
  readonly log: Log;
}

/** One realtime node, put together: who is here, what they are subscribed to, what goes in and out. `start` begins to listen. */
export const createNode = (options: NodeOptions) => {
  const { nodeId, shards, redis, metrics, log, messages } = options;
  const clock = systemClock;
  const meters = createNodeMeters(metrics);
  const ending = new AbortController();
  const { signal } = ending;
  const people = new People();
  /** A person has a few sockets at most: a native topic for each of ten thousand people would only cost memory. */
  const publish = (topic: string, frame: string): void => {
    const userId = userOfTopic(topic);
    if (userId === undefined) options.publish(topic, frame);
    else people.person(userId)?.send(frame);
  };
  const served = new Served();
  const sessions = new Sessions();
  const reader: { current: EventReader | undefined } = { current: undefined };

  const access = createAccess({
    ask: options.conversations.access,
    isReading: () => reader.current?.isReading() ?? false,
    clock,
    cacheMs: options.accessCacheSeconds * 1000,
  });
  const waiting = new Waiting({
    people,
    now: clock.now,
    onTemporary: ({ frame, actorId }) => access.forget(frame.conversationId, actorId),
  });
  const fanOut = createFanOut({
    nodeId,
    served,
    waiting,
    publish,
    onMissing: (conversation) => holes.note(conversation),
    published: meters.published,
  });
  const holes = createHoles({
    messages,
    passOn: fanOut.passOn,
    clock,
    log,
    filled: meters.filled,
  });
  const heads = createHeads({ served, messages, holes, passOn: fanOut.passOn, clock, random: Math.random, log });
  const conversations = createPersonConversations({
    served,
    access,
    readMemberships: options.conversations.memberships,
    isReading,
    believedMs: options.accessCacheSeconds * 1000,
    clock,
  });
  const onJoined = (person: Person, conversationId: string) => presence.joined(person, conversationId);
  const tell = createTellDifference({ heads, onJoined });
  const tellLists = createTellLists(people, clock);
  const sweep = createSweep({ people, conversations, tell, clock, log });
  const watch = createSessionWatch({ sessions, readLive: options.readLiveSessions, now: Date.now, clock, log });
  const typing = createTyping({
    served,
    access,
    tell: (note) => publishTyping(redis.commands, note),
    publish,
    clock,
  });
  const presence = createPresence({
    nodeId,
    people,
    served,
    store: createPresenceStore(redis.commands, nodeId),
    publish,
    conversationsOf: async (userIds) => {
      const memberships = await options.conversations.memberships(userIds);
      return new Map([...memberships].map(([userId, items]) => [userId, items.map(({ id }) => id)]));
    },
    clock,
    log,
  });
  const commands = createCommands({ ...options, redis: redis.commands, access, sessions, waiting, clock });
  const bus = createBus({
    subscriber: redis.subscriber,
    publisher: redis.commands,
    nodeId,
    shards,
    channels: new Map([
      [typingChannel, (text: string) => typing.hear(decodeTyping(text))],
      [presenceChannel, presence.hear],
      [presenceAnswers(nodeId), presence.hearAnswer],
    ]),
    onChanges: fanOut.take,
    onAnswers: fanOut.takeAnswers,
    onSubscribed: (time) => {
      presence.beat().catch((error) => log.debug({ error }, 'presence cannot be shown now'));
      if (time === 'first') return;
      void heads.readServed();
      tellLists();
    },
    clock,
    log,
    signal,
  });
  const resume = createResume({
    conversations,
    tell,
    served,
    heads,
    readMissed: createReadMissed(messages, clock),
    isListening: bus.isListening,
    onResumed: presence.arrived,
    now: clock.now,
  });
  const socketCounts = createSocketCounts(redis.commands, nodeId, clock);
  const sockets = createSockets({
    nodeId,
    people,
    sessions,
    handleFrame: createHandleFrame({
      putCommand: commands.put,
      resume,
      setTyping: typing.set,
      setPresence: (connection, { status }) => presence.changed(connection, status),
      onError: (error) => log.error({ error }, 'a frame could not be dealt with'),
    }),
    onLeft: (person: Person) => {
      presence.left(person);
      conversations.leaveAll(person);
    },
    onThinned: presence.thinned,
    onCount: ({ id, connections }) => void socketCounts.note(id, () => connections.length).catch(() => undefined),
    commandsPerMinute: options.commandsPerMinute,
    clock,
    meters,
  });
  const applyEvent = createApplyEvent({
    people,
    served,
    conversations,
    access,
    sessions,
    heads,
    publish,
    refresh: sweep.soon,
    readNow: sweep.now,
    onJoined,
    checkSession: (sid) => void watch.check([sid]).catch((error) => log.warn({ error }, 'a session is not known now')),
    now: Date.now,
  });

  showNodeState(metrics, {
    sockets: () => people.connectionCount,
    conversations: () => served.size,
    waiting: () => waiting.size,
  });

  function isReading(): boolean {
    return reader.current?.isReading() ?? false;
  }

  return {
    people,
    sessions,
    async socketsElsewhere(userId: string): Promise<number> {
      const counts = await socketCounts.read(userId);
      return [...counts].reduce(
        (sum, [node, count]) => sum + (node !== nodeId && presence.isLive(node) ? count : 0),
        0,
      );
    },
    sockets,
    isListening: bus.isListening,
    isReading,
    start() {
      reader.current = followEvents({
        redis: redis.events,
        apply: applyEvent,
        onWiped: () => {
          access.clear();
          sweep.all();
        },
        clock,
        log,
        signal,
      });
      const run = (ms: number, work: () => Promise<void> | void) => void every(ms, work, { clock, signal, log });
      run(250, commands.reportRates);
      run(1000, commands.lookAtShards);
      run(1000, createCollect({ countSockets: () => people.connectionCount, collect: () => Bun.gc(true) }));
      run(1000, () => {
        sockets.closeSilent();
        sockets.beat();
        typing.expire();
        reader.current?.watch();
      });
      run(1000, watch.tick);
      run(1000, presence.tick);
      run(1000, sweep.tick);
      run(2000, bus.beat);
      run(5000, () => waiting.sweep());
      run(5000, presence.beat);
      run(options.headsSweepSeconds * 1000, heads.readServed);
      run(options.sessionSweepSeconds * 1000, watch.sweep);
    },
    /** Sends all sockets away and lets what they sent reach Redis. */
    async drain() {
      await sendAway({ sockets: people.connections(), clock, random: Math.random });
      await commands.settled();
      await presence.retire();
    },
    stop: () => ending.abort(new Error('stopping')),
  };
};
