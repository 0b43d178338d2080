import { describe, expect, it } from 'bun:test';
import { limits } from '@chatapp/contract/limits';
import { Session } from '../sessions/sessions.ts';
import { Connection, type SocketData } from './connection.ts';
import { createHandleFrame } from './handle-frame.ts';
import { Person } from './people.ts';
import type { CommandFrame } from './read-frame.ts';

const conversationId = '018f3c5e-0000-7000-8000-000000000001';

const setUp = () => {
  const sent: unknown[] = [];
  const errors: unknown[] = [];
  const put: number[] = [];
  /** Commands that wait for access, by frame. */
  const waiting = new Map<number, PromiseWithResolvers<void>>();
  let asksForAccess: (frame: CommandFrame) => boolean = () => false;
  const connection = new Connection('1', new Person('ann'), new Session(null, 'ann', 0), 0);
  const socket = { readyState: WebSocket.OPEN as number, send: (text: string) => sent.push(JSON.parse(text)) };
  connection.socket = socket as unknown as Bun.ServerWebSocket<SocketData>;
  const handle = createHandleFrame({
    putCommand: (_, frame) => {
      put.push(frame.id);
      if (!asksForAccess(frame)) return undefined;
      const asked = Promise.withResolvers<void>();
      waiting.set(frame.id, asked);
      return asked.promise;
    },
    resume: async (to, { id }) => to.ok(id, '{"conversations":[]}'),
    setTyping: async () => undefined,
    setPresence: () => undefined,
    onError: (error) => errors.push(error),
  });
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  return {
    ...{ sent, put, errors, waiting, socket, connection, settle },
    asksFor: (check: (frame: CommandFrame) => boolean) => {
      asksForAccess = check;
    },
    read: (id: number) => handle(connection, JSON.stringify({ id, op: 'read', conversationId, seq: 1 })),
    other: (id: number, op: string, fields = {}) => handle(connection, JSON.stringify({ id, op, ...fields })),
  };
};

describe('createHandleFrame', () => {
  it('runs the commands of a socket in their order, also where one of them waits for access', async () => {
    const { read, put, waiting, asksFor, settle, connection } = setUp();
    asksFor(({ id }) => id === 2 || id === 4);
    for (const id of [1, 2, 3, 4, 5]) read(id);
    await settle();
    expect(put).toEqual([1, 2]);
    waiting.get(2)?.resolve();
    await settle();
    expect(put).toEqual([1, 2, 3, 4]);
    read(6);
    waiting.get(4)?.resolve();
    await settle();
    expect(put).toEqual([1, 2, 3, 4, 5, 6]);
    expect(connection.queue).toBeUndefined();
  });

  it('answers a ping and a resume while a command waits', () => {
    const { read, other, sent, asksFor } = setUp();
    asksFor(() => true);
    read(1);
    other(2, 'ping');
    other(3, 'resume', { conversations: [] });
    expect(sent).toEqual([
      { re: 2, ok: {} },
      { re: 3, ok: { conversations: [] } },
    ]);
  });

  it('lets 64 commands wait and refuses more for now', async () => {
    const { read, put, sent, asksFor, waiting, settle } = setUp();
    asksFor(({ id }) => id === 0);
    for (let id = 0; id <= limits.commandsQueuedMax + 1; id++) read(id);
    expect(sent).toEqual([
      { re: 65, error: { code: 'rate-limited', temporary: true, retryAfterMs: expect.any(Number) } },
    ]);
    waiting.get(0)?.resolve();
    await settle();
    expect(put).toHaveLength(65);
  });

  it('goes on after a command that failed in a way nobody expected, and says so', async () => {
    const { read, put, errors, asksFor, waiting, settle } = setUp();
    asksFor(({ id }) => id < 3);
    for (const id of [1, 2, 3]) read(id);
    for (const id of [1, 2]) {
      waiting.get(id)?.reject(new Error(`broken ${id}`));
      await settle();
    }
    expect(put).toEqual([1, 2, 3]);
    expect(errors.map(String)).toEqual(['Error: broken 1', 'Error: broken 2']);
  });

  it('runs nothing more of a socket that is closed', async () => {
    const { read, put, socket, asksFor, waiting, settle } = setUp();
    asksFor(({ id }) => id === 1);
    for (const id of [1, 2]) read(id);
    socket.readyState = WebSocket.CLOSED;
    waiting.get(1)?.resolve();
    await settle();
    expect(put).toEqual([1]);
  });
});
