import { describe, expect, it } from 'bun:test';
import { encodeAnswers, encodeChanges, type PublishedChange } from '@chatapp/contract/changes';
import { Waiting, WaitSubject } from '../commands/waiting.ts';
import { Connection, type SocketData } from '../connection/connection.ts';
import { People } from '../connection/people.ts';
import { Session } from '../sessions/sessions.ts';
import { batches, createFanOut } from './fan-out.ts';
import { Served, type ServedConversation } from './served.ts';

const setUp = () => {
  const people = new People();
  const served = new Served();
  const published: [topic: string, frame: string][] = [];
  const missing: ServedConversation[] = [];
  const answered: unknown[] = [];
  const waiting = new Waiting({ people, now: () => 0, onTemporary: () => undefined });
  const connection = new Connection('1', people.personOf('ann'), new Session(null, 'ann', 0), 0);
  /** Corked: what was published before goes out with it, in one write. */
  const corked: { writtenAfter: number }[] = [];
  const socket = {
    send: (text: string) => answered.push(JSON.parse(text)),
    cork(write: (self: unknown) => void) {
      corked.push({ writtenAfter: published.length });
      write(socket);
    },
  };
  connection.socket = socket as unknown as Bun.ServerWebSocket<SocketData>;
  people.add(connection);
  const fanOut = createFanOut({
    nodeId: 'here',
    served,
    waiting,
    publish: (topic, frame) => published.push([topic, frame]),
    onMissing: (conversation) => missing.push(conversation),
    published: { add: () => undefined },
  });
  const serve = (id: string, head: number) => served.join(id, connection.person).order.begin(head);
  const wait = (frame: number) =>
    waiting.begin(
      new WaitSubject('ann', { id: frame, op: 'message.send', conversationId: 'c', clientId: `k${frame}`, body: '' }),
      { connection: '1', frame },
    );
  return { fanOut, published, missing, answered, corked, serve, wait };
};

const change = (rev: number, over: Partial<PublishedChange> = {}): PublishedChange => ({
  topic: 'c:c',
  rev,
  origin: null,
  frame: `{"rev":${rev}}`,
  ...over,
});

describe('createFanOut', () => {
  it('hands several changes of a conversation on as one batch, untouched', () => {
    const { fanOut, published, serve } = setUp();
    serve('c', 4);
    fanOut.take(encodeChanges([change(5), change(1, { topic: 'c:other' }), change(6), change(0, { topic: 'u:bob' })]));
    expect(published).toEqual([
      ['c:c', '[{"rev":5},{"rev":6}]'],
      ['u:bob', '{"rev":0}'],
    ]);
  });

  it('answers the frame that asked here, and no frame of another node', () => {
    const { fanOut, answered, wait } = setUp();
    wait(8);
    wait(9);
    const answer = '{"ok":{"seq":1,"rev":1}}';
    fanOut.take(
      encodeChanges([
        change(1, { origin: { node: 'here', connection: '1', frame: 8, answer } }),
        change(2, { origin: { node: 'there', connection: '1', frame: 9, answer } }),
      ]),
    );
    expect(answered).toEqual([{ re: 8, ok: { seq: 1, rev: 1 } }]);
    fanOut.takeAnswers(encodeAnswers([{ connection: '1', frame: 9, answer }]));
    expect(answered).toHaveLength(2);
  });

  it('answers behind the push of the same change, corked, so that both are one write', () => {
    const { fanOut, answered, corked, published, serve, wait } = setUp();
    serve('c', 0);
    wait(8);
    const origin = { node: 'here', connection: '1', frame: 8, answer: '{"ok":{}}' };
    fanOut.take(encodeChanges([change(1, { origin }), change(1, { topic: 'u:bob', rev: 0 })]));
    expect([published.length, answered.length]).toEqual([2, 1]);
    expect(corked).toEqual([{ writtenAfter: 2 }]);
  });

  it('keeps back what came too early, and says so', () => {
    const { fanOut, published, missing, serve } = setUp();
    serve('c', 4);
    fanOut.take(encodeChanges([change(6)]));
    expect([published.length, missing.length]).toEqual([0, 1]);
    fanOut.take(encodeChanges([change(5)]));
    expect(published).toEqual([['c:c', '[{"rev":5},{"rev":6}]']]);
  });

  it('throws on what messages did not write', () => {
    const { fanOut } = setUp();
    expect(() => fanOut.take('hello')).toThrow(TypeError);
  });
});

describe('batches', () => {
  it('cuts a long row of frames into batches of at most 64 KB, in order', () => {
    const frames = Array.from({ length: 100 }, (_, index) => `"${String(index).padStart(3, '0')}${'x'.repeat(4000)}"`);
    const cut = batches(frames);
    expect(cut.length).toBeGreaterThan(5);
    for (const batch of cut) expect(batch.length).toBeLessThan(66_000);
    expect(cut.flatMap((batch) => JSON.parse(batch))).toEqual(frames.map((frame) => JSON.parse(frame)));
  });
});
