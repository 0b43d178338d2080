import type { DialectName, SocketPlan } from './plan.ts';

/** What a server's text frame meant to the socket that got it; `other` may hold messages. */
export type Meaning = 'ready' | 'not-yet' | 'refused' | 'control' | 'other';

/** How one kind of server is talked to. */
export interface Dialect {
  /** Path and further header lines of the handshake. */
  handshake(plan: SocketPlan): { readonly path: string; readonly headers: readonly string[] };
  /** What is sent when the socket is open; undefined: it is ready at once. */
  greeting(have: ReadonlyMap<string, number>): string | undefined;
  /** `reply` is sent back. */
  read(payload: Buffer): { readonly meaning: Meaning; readonly reply?: string };
  /** The text that sends a message. `clientId` is a UUID, `number` is unique on the socket. */
  message(room: string, clientId: string, number: number): string;
}

/** 200 characters, so much as nearly every message of a chat has at most. */
const body = 'The quick brown fox jumps over the lazy dog. '.repeat(5).slice(0, 200);

const resumeId = 0;
const startsWith = (payload: Buffer, text: string): boolean =>
  payload.length >= text.length && payload.toString('latin1', 0, text.length) === text;

const other = { meaning: 'other' } as const;

const chatapp: Dialect = {
  handshake({ proof }) {
    if (proof === undefined) throw new Error('the product lets nobody in without a proof');
    if ('ticket' in proof) return { path: `/realtime?ticket=${proof.ticket}`, headers: [] };
    if ('headers' in proof) return { path: '/realtime', headers: proof.headers };
    return { path: '/realtime', headers: [`Authorization: Bearer ${proof.token}`] };
  },
  greeting: (have) => JSON.stringify({ id: resumeId, op: 'resume', conversations: [...have] }),
  read(payload) {
    // `{"re":…}`: the second letter tells it from a push and from a batch of pushes.
    if (payload[2] !== 0x72) return other;
    const isError = payload.includes('"error"');
    if (startsWith(payload, `{"re":${resumeId},`)) return { meaning: isError ? 'not-yet' : 'ready' };
    return { meaning: isError ? 'refused' : 'control' };
  },
  message: (room, clientId, number) =>
    `{"id":${number},"op":"message.send","conversationId":"${room}","clientId":"${clientId}","body":"${body}"}`,
};

const roomsPath = (path: string, rooms: readonly string[]): string => `${path}rooms=${rooms.join(',')}`;

/** Engine.IO 4 over WebSocket alone, and Socket.IO 5 in it. */
const socketIo: Dialect = {
  handshake: ({ rooms }) => ({ path: roomsPath('/socket.io/?EIO=4&transport=websocket&', rooms), headers: [] }),
  greeting: () => '',
  read(payload) {
    switch (payload[0]) {
      case 0x30:
        return { meaning: 'control', reply: '40' };
      case 0x32:
        return { meaning: 'control', reply: '3' };
      default:
        return startsWith(payload, '40') ? { meaning: 'ready' } : other;
    }
  },
  message: (room, clientId) => `42["message",{"room":"${room}","clientId":"${clientId}","body":"${body}"}]`,
};

const bare: Dialect = {
  handshake: ({ rooms }) => ({ path: roomsPath('/?', rooms), headers: [] }),
  greeting: () => undefined,
  read: () => other,
  message: (room, clientId) => `{"room":"${room}","clientId":"${clientId}","body":"${body}"}`,
};

/** As a browser opens it at a proxy in front of the service: with what its origin and its cookie say. */
const relayed: Dialect = {
  ...bare,
  handshake: ({ rooms, proof }) => ({
    path: roomsPath('/realtime?ticket=bench&', rooms),
    headers: proof !== undefined && 'headers' in proof ? proof.headers : [],
  }),
};

export const dialects: Record<DialectName, Dialect> = { chatapp, 'socket.io': socketIo, bare, relayed };
