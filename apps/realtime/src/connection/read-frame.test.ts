import { describe, expect, it } from 'bun:test';
import { clientFrames } from '@chatapp/contract/frames';
import { sampleOf, serverFields, withField } from '../../../../dev/testing/hostile-input.ts';
import { readFrame } from './read-frame.ts';

const conversationId = '018f3c5e-0000-7000-8000-000000000001';
const clientId = '018f3c5e-0000-4000-8000-000000000002';
const send = { id: 1, op: 'message.send', conversationId, clientId, body: 'hello' };

describe('readFrame', () => {
  it('reads a frame of the protocol', () => {
    expect(readFrame(JSON.stringify(send))).toEqual({ kind: 'frame', frame: send as never });
    expect(readFrame('{"id":0,"op":"ping"}').kind).toBe('frame');
  });

  it('takes the longest body that there is, however it is composed', () => {
    for (const letter of ['x', 'ệ', 'ᾂ', '😀']) {
      const frame = { ...send, body: letter.repeat(4000).normalize('NFD') };
      expect(readFrame(JSON.stringify(frame)).kind).toBe('frame');
    }
  });

  it.each([
    ['a server field', { ...send, seq: 7 }],
    ['a prototype', { ...send, constructor: {} }],
    ['a place that is a text', { id: 1, op: 'message.delete', conversationId, clientId, seq: '7' }],
    ['a place in a list that is a text', { id: 1, op: 'resume', conversations: [[conversationId, '7']] }],
    ['a place that is a text, or may be null', { ...send, replyTo: '7' }],
    ['an id in upper case', { ...send, conversationId: conversationId.toUpperCase() }],
    ['a body that is not text', { ...send, body: { toString: 'x' } }],
    ['a missing field', { id: 1, op: 'message.edit', conversationId, clientId }],
    ['a resume of 1 001 conversations', { id: 1, op: 'resume', conversations: Array(1001).fill([conversationId, 1]) }],
  ])('refuses %s as invalid', (_, frame) => {
    expect(readFrame(JSON.stringify(frame))).toEqual({ kind: 'refused', id: 1, code: 'invalid' });
  });

  it('S29: takes nothing that is the service’s to set, in whatever frame', () => {
    for (const [op, schema] of Object.entries(clientFrames)) {
      const frame = { ...sampleOf(schema), id: 1, op };
      expect([op, readFrame(JSON.stringify(frame)).kind]).toEqual([op, 'frame']);
      for (const name of serverFields.filter((field) => !Object.hasOwn(schema.properties, field))) {
        const read = readFrame(JSON.stringify(withField(frame, name, 'x')));
        expect([op, name, read]).toEqual([op, name, { kind: 'refused', id: 1, code: 'invalid' }]);
      }
    }
  });

  it('refuses an op that it does not know, also one of the prototype', () => {
    for (const op of ['shout', 'toString', '__proto__', null]) {
      expect(readFrame(JSON.stringify({ id: 4, op }))).toEqual({ kind: 'refused', id: 4, code: 'malformed' });
    }
  });

  it.each(['', '[', 'null', '7', '[]', '{}', '{"id":"1","op":"ping"}', '{"id":-1,"op":"ping"}', '{"id":1.5}'])(
    'calls %p a breach: there is no id to answer',
    (text) => {
      expect(readFrame(text).kind).toBe('breach');
    },
  );

  it('S39: does not parse what nests too deep', () => {
    const started = performance.now();
    expect(readFrame('['.repeat(30_000) + ']'.repeat(30_000)).kind).toBe('breach');
    expect(performance.now() - started).toBeLessThan(50);
  });
});
