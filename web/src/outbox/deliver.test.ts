import { describe, expect, it } from 'bun:test';
import { fakeClock } from '../../test/fake-clock.ts';
import { ann, harbour } from '../../test/people.ts';
import { ApiError } from '../api/api-error.ts';
import type { MessagesApi } from '../api/messages-api.ts';
import type { Connection } from '../realtime/connection.ts';
import { ConnectionLost, SocketRefusal } from '../realtime/replies.ts';
import { createDeliver } from './deliver.ts';
import type { OutboxItem, OutboxOp } from './outbox-item.ts';

const itemOf = (op: OutboxOp): OutboxItem => ({
  clientId: 'c1',
  userId: ann,
  conversationId: harbour,
  order: 1,
  at: 0,
  op,
  attempts: 0,
  failed: null,
});
const hello = itemOf({ kind: 'send', body: 'hello', replyTo: null });
const answerOf = { id: 'm', seq: 3, rev: 4, createdAt: '' };

const start = ({ socket, http }: { socket?: () => Promise<unknown>; http?: () => Promise<unknown> }) => {
  const { clock, advance, settle } = fakeClock();
  const roads: string[] = [];
  const connection = {
    ready: () => socket !== undefined,
    request: (op: string, fields: object) => {
      roads.push(`socket ${op} ${JSON.stringify(fields)}`);
      return socket?.();
    },
  } as unknown as Connection;
  const post = (name: string) => async () => {
    roads.push(`http ${name}`);
    return http?.();
  };
  const api = {
    send: post('send'),
    edit: post('edit'),
    remove: post('remove'),
    react: post('react'),
  } as unknown as MessagesApi;
  return { deliver: createDeliver({ connection, api, clock, random: () => 0.5 }), roads, advance, settle };
};
const refusal = (code: 'forbidden' | 'unavailable' | 'rate-limited', temporary: boolean) => async () => {
  throw new SocketRefusal({ code, temporary, retryAfterMs: 700 });
};

describe('deliver', () => {
  it('takes the socket while there is one', async () => {
    const { deliver, roads } = start({ socket: async () => answerOf });
    expect(await deliver(hello)).toMatchObject({ at: 'saved', seq: 3, rev: 4 });
    expect(roads).toEqual([`socket message.send {"conversationId":"${harbour}","clientId":"c1","body":"hello"}`]);
  });

  it.each([
    ['there is none', undefined],
    ['it answers that it cannot now', refusal('unavailable', true)],
    ['it was lost on the way', async () => Promise.reject(new ConnectionLost('lost'))],
  ])('takes HTTP when %s', async (_name, socket) => {
    const { deliver, roads } = start({ ...(socket && { socket }), http: async () => answerOf });
    expect(await deliver(hello)).toMatchObject({ at: 'saved', seq: 3 });
    expect(roads.at(-1)).toBe('http send');
  });

  it('is refused for good by either road', async () => {
    expect(await start({ socket: refusal('forbidden', false) }).deliver(hello)).toEqual({
      at: 'refused',
      code: 'forbidden',
    });
    const http = async () => Promise.reject(new ApiError('message-deleted', 410));
    expect(await start({ http }).deliver(itemOf({ kind: 'edit', seq: 1, body: 'x' }))).toEqual({
      at: 'refused',
      code: 'message-deleted',
    });
  });

  it('waits as long as it is told when there was too much', async () => {
    const { deliver, roads } = start({ socket: refusal('rate-limited', true) });
    expect(await deliver(hello)).toEqual({ at: 'later', afterMs: 700 });
    expect(roads).toHaveLength(1);
  });

  it.each(['offline', 'timeout', 'unavailable'] as const)('goes later after %s', async (code) => {
    const { deliver } = start({ http: async () => Promise.reject(new ApiError(code, 0)) });
    expect(await deliver(hello)).toMatchObject({ at: 'later' });
  });

  it('tells a server that fails at it from one that cannot now', async () => {
    const { deliver } = start({ http: async () => Promise.reject(new ApiError('internal', 500)) });
    expect(await deliver(hello)).toEqual({ at: 'fault' });
  });

  it('keeps a command for when the person is signed in again', async () => {
    const { deliver } = start({ http: async () => Promise.reject(new ApiError('signed-out', 401)) });
    expect(await deliver(hello)).toMatchObject({ at: 'later' });
  });

  it('sends again when the socket gives no answer for five seconds', async () => {
    const { deliver, advance } = start({ socket: () => new Promise(() => {}) });
    const outcome = deliver(hello);
    await advance(5_000);
    expect(await outcome).toEqual({ at: 'later', afterMs: 0 });
  });

  describe('while the socket owes an answer', () => {
    const next = { ...hello, clientId: 'c2', order: 2 };
    /** A socket that is open and answers when the test says so. */
    const startWithDebt = async () => {
      const asked: PromiseWithResolvers<unknown>[] = [];
      const socket = () => {
        const answer = Promise.withResolvers<unknown>();
        asked.push(answer);
        return answer.promise;
      };
      const started = start({ socket, http: async () => answerOf });
      const outcome = started.deliver(hello);
      await started.advance(5_000);
      await outcome;
      return { ...started, asked };
    };

    it('takes HTTP for the same command and for those after it', async () => {
      const { deliver, roads } = await startWithDebt();
      expect(await deliver({ ...hello, attempts: 1 })).toMatchObject({ at: 'saved' });
      expect(await deliver(next)).toMatchObject({ at: 'saved' });
      expect(roads.slice(1)).toEqual(['http send', 'http send']);
    });

    it.each([
      ['the answer comes late', (debt?: PromiseWithResolvers<unknown>) => debt?.resolve(answerOf)],
      ['another socket took its place', (debt?: PromiseWithResolvers<unknown>) => debt?.reject(new ConnectionLost(''))],
      ['it will not come any more', undefined],
    ])('takes the socket again once %s', async (_name, end) => {
      const { deliver, roads, asked, advance, settle } = await startWithDebt();
      if (end) end(asked[0]);
      else await advance(60_000);
      await settle();
      void deliver(next);
      expect(roads.slice(1)).toEqual([expect.stringMatching(/^socket message.send .*"c2"/)]);
    });
  });
});
