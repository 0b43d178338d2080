import { describe, expect, it } from 'bun:test';
import { Connection, type SocketData } from '../connection/connection.ts';
import { People, Person } from '../connection/people.ts';
import type { CommandFrame } from '../connection/read-frame.ts';
import { Session } from '../sessions/sessions.ts';
import { Waiting, WaitSubject } from './waiting.ts';

const sent = { id: 7, op: 'message.send', conversationId: 'c', clientId: 'k', body: 'hello' } as const;
const command = new WaitSubject('ann', sent);
const answer = '{"ok":{"seq":1,"rev":1}}';

const setUp = () => {
  const clock = { now: 0 };
  const people = new People();
  const temporary: WaitSubject[] = [];
  const waiting = new Waiting({ people, now: () => clock.now, onTemporary: (subject) => temporary.push(subject) });
  /** A connection whose socket only notes what is sent. */
  const connect = (id: string) => {
    const sent: unknown[] = [];
    const connection = new Connection(id, new Person('ann'), new Session(null, 'ann', 0), 0);
    const socket = {
      send: (text: string) => sent.push(JSON.parse(text)),
      cork: (write: (self: unknown) => void) => write(socket),
    };
    connection.socket = socket as unknown as Bun.ServerWebSocket<SocketData>;
    people.add(connection);
    return sent;
  };
  return { clock, waiting, connect, temporary };
};

describe('Waiting', () => {
  it('answers the frame that asked', () => {
    const { waiting, connect } = setUp();
    const sent = connect('1');
    expect(waiting.begin(command, { connection: '1', frame: 7 })).toBe('begun');
    waiting.settle('1', 7, answer);
    expect(sent).toEqual([{ re: 7, ok: { seq: 1, rev: 1 } }]);
    expect(waiting.size).toBe(0);
  });

  it('gives one answer to two frames that asked for the same command, from two sockets', () => {
    const { waiting, connect } = setUp();
    const [first, second] = [connect('1'), connect('2')];
    waiting.begin(command, { connection: '1', frame: 7 });
    expect(waiting.begin(command, { connection: '2', frame: 3 })).toBe('joined');
    waiting.settle('1', 7, answer);
    expect([first.length, second.length]).toEqual([1, 1]);
  });

  it.each<[string, CommandFrame]>([
    ['another text', { ...sent, id: 8, body: 'goodbye' }],
    ['a reply', { ...sent, id: 8, replyTo: 1 }],
    ['another command', { id: 8, op: 'message.edit', conversationId: 'c', clientId: 'k', seq: 1, body: 'hello' }],
  ])('adds %s under the same clientId, and gives each frame the answer to its own', (_, frame) => {
    const { waiting, connect } = setUp();
    const got = connect('1');
    const other = new WaitSubject('ann', frame);
    waiting.begin(command, { connection: '1', frame: 7 });
    expect(waiting.has(other)).toBe(false);
    expect(waiting.begin(other, { connection: '1', frame: 8 })).toBe('begun');
    waiting.settle('1', 7, answer);
    const refusal = { error: { code: 'client-id-reused', temporary: false } };
    waiting.settle('1', 8, JSON.stringify(refusal));
    expect(got).toEqual([
      { re: 7, ok: { seq: 1, rev: 1 } },
      { re: 8, ...refusal },
    ]);
    expect(waiting.size).toBe(0);
  });

  it('lets a command be added again after four seconds, and takes the answer of either', () => {
    const { clock, waiting, connect } = setUp();
    const sent = connect('1');
    waiting.begin(command, { connection: '1', frame: 1 });
    clock.now = 3999;
    expect(waiting.has(command)).toBe(true);
    clock.now = 4000;
    expect(waiting.has(command)).toBe(false);
    expect(waiting.begin(command, { connection: '1', frame: 2 })).toBe('begun');
    waiting.settle('1', 1, answer);
    expect(sent.map((frame) => (frame as { re: number }).re)).toEqual([1, 2]);
    waiting.settle('1', 2, answer);
    expect(sent).toHaveLength(2);
  });

  it('says when a command was refused for now', () => {
    const { waiting, connect, temporary } = setUp();
    connect('1');
    waiting.begin(command, { connection: '1', frame: 1 });
    waiting.settle('1', 1, '{"error":{"code":"unavailable","temporary":true}}');
    expect(temporary).toEqual([command]);
  });

  it('forgets what was never answered after a minute', () => {
    const { clock, waiting } = setUp();
    waiting.begin(command, { connection: '1', frame: 1 });
    clock.now = 60_001;
    waiting.sweep();
    expect(waiting.size).toBe(0);
  });
});
