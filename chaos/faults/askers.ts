import { openSocket } from '../../dev/testing/chat-socket.ts';
import { eventually } from '../../dev/testing/eventually.ts';
import type { Chaos } from '../fault.ts';
import type { Edge } from '../stack/edges.ts';
import { member, probe } from './probe.ts';

/** Ready to ask; asks from its call on, until stopped. */
export type Asker = () => { stop(): Promise<unknown> };

const perSecond = 10;
const socketCount = 12;

/** Makes one service ask another one that it hardly asks by itself, because it keeps what it was told: so that a hole between them is met at once. */
export const askers: Partial<Record<Edge, (chaos: Chaos) => Promise<Asker>>> = {
  'bff>conversations': async ({ stack }) => {
    const { person } = await member(stack.url);
    return () => probe(person, { method: 'GET', path: '/api/conversations/conversations', perSecond });
  },
  'bff>messages': async ({ stack }) => {
    const { person, path } = await member(stack.url);
    return () => probe(person, { method: 'GET', path: `${path}?limit=1`, perSecond });
  },
  // Of a conversation that nobody has asked for, nothing is kept.
  'messages>conversations': async ({ stack }) => {
    const { person } = await member(stack.url);
    const path = () => `/api/messages/conversations/${crypto.randomUUID()}/messages`;
    return () => probe(person, { method: 'GET', path, perSecond });
  },
  'realtime>conversations': async ({ stack }) => {
    const socket = await openSocket((await member(stack.url)).person);
    await socket.request('resume', { conversations: [] });
    return () => {
      const type = () =>
        void socket.request('typing', { conversationId: crypto.randomUUID(), on: true }).catch(() => 0);
      const timer = setInterval(type, 1000 / perSecond);
      return {
        async stop() {
          clearInterval(timer);
          socket.close();
        },
      };
    };
  },
  // Each socket has one resume at a time.
  'realtime>messages': async ({ stack }) => {
    const { person, conversationId } = await member(stack.url);
    const sockets = await Promise.all(Array.from({ length: socketCount }, () => openSocket(person)));
    const resume = (socket: (typeof sockets)[number]) =>
      socket.request('resume', { conversations: [[conversationId, 0]] });
    await Promise.all(sockets.map((socket) => eventually(async () => 'ok' in (await resume(socket)))));
    return () => {
      const waiting = [...sockets];
      const timer = setInterval(() => {
        const next = waiting.shift();
        if (next) resume(next).catch(() => undefined);
      }, 1000 / perSecond);
      return {
        async stop() {
          clearInterval(timer);
          for (const socket of sockets) socket.close();
        },
      };
    };
  },
};
