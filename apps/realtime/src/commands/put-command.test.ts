import { describe, expect, it } from 'bun:test';
import { closeCodes } from '@chatapp/contract/frames';
import type { Access } from '@chatapp/contract/http-conversations';
import { Connection, type SocketData } from '../connection/connection.ts';
import { People } from '../connection/people.ts';
import type { CommandFrame } from '../connection/read-frame.ts';
import { Sessions } from '../sessions/sessions.ts';
import { createPutCommand } from './put-command.ts';
import { Waiting } from './waiting.ts';

const frame: CommandFrame = {
  id: 1,
  op: 'message.send',
  body: 'hello',
  conversationId: '018f3c5e-0000-7000-8000-000000000001',
  clientId: '018f3c5e-0000-4000-8000-000000000002',
};

/** A socket whose command waits for access until `grant`. */
const setUp = (sid: string | null) => {
  const asked = Promise.withResolvers<Access | null>();
  const people = new People();
  const sessions = new Sessions();
  const put: unknown[] = [];
  const rate = { take: () => 0, report: async () => undefined };
  const putCommand = createPutCommand({
    ...{ nodeId: 'here', shards: 1, sessions, now: () => 1000, newId: () => crypto.randomUUID() },
    access: { cached: () => undefined, of: () => asked.promise },
    rates: { person: rate, conversation: rate },
    waiting: new Waiting({ people, now: () => 0, onTemporary: () => undefined }),
    store: { add: (_, command) => put.push(command), settled: async () => undefined },
    watch: { refusal: () => undefined, look: async () => undefined },
  });
  const connection = new Connection('1', people.personOf('ann'), sessions.of(sid, 'ann', 9000), 0);
  const closed: number[] = [];
  connection.socket = {
    send: () => undefined,
    close: (code: number) => closed.push(code),
  } as unknown as Bun.ServerWebSocket<SocketData>;
  people.add(connection);
  sessions.add(connection);
  const leave = () => {
    people.remove(connection);
    sessions.remove(connection);
  };
  const grant = async () => {
    asked.resolve({ role: 'member', version: 1 });
    await putting;
  };
  const putting = putCommand(connection, frame);
  return { sessions, connection, put, leave, grant };
};

describe('a command that waits for access', () => {
  it('is put once that is there, also where its socket is gone by then', async () => {
    const { put, leave, grant } = setUp('sid');
    leave();
    await grant();
    expect(put).toHaveLength(1);
  });

  it('is not put where its session has ended, also where its socket was gone before that', async () => {
    const { sessions, put, leave, grant } = setUp('sid');
    leave();
    sessions.noteEnded('sid', 500);
    await grant();
    expect(put).toEqual([]);
  });

  it.each([
    ['all sessions of the person ended', closeCodes.signedOut, 'sid'],
    ['the token is over', closeCodes.signInRefreshNeeded, null],
  ])('is not put where its socket was closed because %s', async (_, code, sid) => {
    const { connection, put, leave, grant } = setUp(sid);
    connection.close(code, 'over');
    leave();
    await grant();
    expect(put).toEqual([]);
  });

  it('is put where its socket was closed for another reason', async () => {
    const { connection, put, leave, grant } = setUp('sid');
    connection.close(closeCodes.goaway, 'restart');
    leave();
    await grant();
    expect(put).toHaveLength(1);
  });
});
