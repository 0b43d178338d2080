import { describe, expect, it } from 'bun:test';
import { fakeClock } from '@chatapp/resilience/fake-clock';
import { ProblemError } from '@chatapp/service/problem';
import { createAccess } from '../access/access.ts';
import { Sessions } from '../sessions/sessions.ts';
import { createPersonConversations } from '../subscriptions/memberships.ts';
import { createResume } from '../subscriptions/resume.ts';
import { Served } from '../subscriptions/served.ts';
import type { Connection, SocketData } from './connection.ts';
import { People } from './people.ts';
import { createSockets } from './sockets.ts';

/** The sockets of a node and their resumes, while conversations and messages do not answer. */
const setUp = () => {
  const clock = fakeClock(1);
  const people = new People();
  const served = new Served();
  const node = { hasConversations: false, hasMessages: false, isListening: true };
  const conversations = createPersonConversations({
    served,
    access: createAccess({ ask: async () => null, isReading: () => true, clock, cacheMs: 60_000 }),
    readMemberships: async (userIds) => {
      if (!node.hasConversations) throw new ProblemError('unavailable');
      return new Map(userIds.map((userId) => [userId, []]));
    },
    isReading: () => true,
    believedMs: 60_000,
    clock,
  });
  const resume = createResume({
    conversations,
    tell: () => undefined,
    served,
    heads: {
      read: async () => {
        if (!node.hasMessages) throw new ProblemError('unavailable');
        return new Map();
      },
    },
    readMissed: async () => new Map(),
    isListening: () => node.isListening,
    onResumed: () => undefined,
    now: clock.now,
  });
  const told: string[] = [];
  const meter = { add: () => undefined };
  const sockets = createSockets({
    nodeId: 'here',
    people,
    sessions: new Sessions(),
    handleFrame: () => undefined,
    onLeft: () => told.push('left'),
    onThinned: () => told.push('thinned'),
    onCount: () => undefined,
    commandsPerMinute: 120,
    clock,
    meters: { frames: meter, slowCut: meter },
  });
  /** A socket, with the codes that it was closed with. */
  const open = (userId: string) => {
    const closed: number[] = [];
    const seen = { pings: 0 };
    const connection = sockets.accept({ userId, sid: null, expiresAt: 3_600_000 });
    connection.socket = {
      send: () => undefined,
      close: (code: number) => closed.push(code),
      ping: () => ++seen.pings,
      data: { connection },
    } as unknown as Bun.ServerWebSocket<SocketData>;
    return { connection, closed, seen, socket: connection.socket };
  };
  const tryResume = async (connection: Connection) => {
    const answered = resume(connection, { id: 1, op: 'resume', conversations: [] });
    await clock.advance(5);
    await answered;
  };
  /** Time, as the node sees it. */
  const pass = async (seconds: number) => {
    for (let second = 0; second < seconds; second++) {
      await clock.advance(1000);
      sockets.closeSilent();
    }
  };
  return { node, sockets, told, open, tryResume, pass };
};

it('tells whether a socket that closed was the last one of its person', () => {
  const { sockets, told, open } = setUp();
  const [first, last] = [open('ann'), open('ann')];
  open('bob');
  for (const { connection } of [first, last]) sockets.dismiss(connection);
  expect(told).toEqual(['thinned', 'left']);
});

describe('closeSilent', () => {
  const well = { hasConversations: true, hasMessages: true, isListening: true };

  it.each([
    ['conversations is down', { hasConversations: false }],
    ['messages is down', { hasMessages: false }],
    ['the node hears no changes', { isListening: false }],
  ])('keeps who tries again to resume while %s, and closes who never tried', async (_, outage) => {
    const { node, open, tryResume, pass } = setUp();
    Object.assign(node, well, outage);
    const [silent, bot] = [open('eve'), open('bob')];
    for (let attempt = 0; attempt < 15; attempt++) {
      await tryResume(bot.connection);
      await pass(3);
    }
    expect(silent.closed).toContain(4510);
    expect(bot.closed).toEqual([]);
    Object.assign(node, well);
    await tryResume(bot.connection);
    await pass(60);
    expect(bot.closed).toEqual([]);
  });

  it.each([
    ['conversations', {}],
    ['messages', { hasConversations: true }],
  ])(
    'closes who gave up resuming while %s is down ten seconds after the last answer, also where one that opened earlier still tries',
    async (_, outage) => {
      const { node, open, tryResume, pass } = setUp();
      Object.assign(node, outage);
      const [bot, quitter] = [open('bob'), open('eve')];
      await pass(8);
      await tryResume(quitter.connection);
      await pass(5);
      await tryResume(bot.connection);
      expect(quitter.closed).toEqual([]);
      await pass(5);
      expect(quitter.closed).toEqual([4510]);
    },
  );
});

describe('beat', () => {
  const beat = (sockets: ReturnType<typeof setUp>['sockets'], times: number) => {
    for (let time = 0; time < times; time++) sockets.beat();
  };

  it('S35: closes who lets nothing be heard and answers no ping within 22 s, whatever is sent to them', () => {
    const { sockets, open } = setUp();
    const eve = open('eve');
    for (let second = 0; second < 21; second++) {
      eve.connection.send('{}');
      sockets.beat();
    }
    expect([eve.seen.pings, eve.closed]).toEqual([1, []]);
    beat(sockets, 1);
    expect([eve.seen.pings, eve.closed]).toEqual([1, [4012]]);
  });

  type Handler = ReturnType<typeof setUp>['sockets']['websocket'];
  type Socket = Bun.ServerWebSocket<SocketData>;
  it.each<[string, (handler: Handler, socket: Socket) => void]>([
    ['a message came', (handler, socket) => handler.message?.(socket, '{}')],
    ['a pong came', (handler, socket) => handler.pong?.(socket, Buffer.of())],
    ['the socket drained', (handler, socket) => handler.drain?.(socket)],
  ])('keeps the one of whom %s, and asks only who is silent', (_what, lifeSign) => {
    const { sockets, open } = setUp();
    const [ann, quiet] = [open('ann'), open('bob')];
    for (let round = 0; round < 10; round++) {
      beat(sockets, 10);
      lifeSign(sockets.websocket, ann.socket);
    }
    expect([ann.seen.pings, ann.closed]).toEqual([0, []]);
    expect([quiet.seen.pings, quiet.closed]).toEqual([1, [4012]]);
  });

  it('S35: asks again and again who answers and says nothing', () => {
    const { sockets, open } = setUp();
    const bob = open('bob');
    for (let round = 1; round <= 10; round++) {
      beat(sockets, 11);
      expect([bob.seen.pings, bob.closed]).toEqual([round, []]);
      sockets.websocket.pong?.(bob.socket, Buffer.of());
    }
  });
});
