import { describe, expect, it } from 'bun:test';
import { Value } from '@sinclair/typebox/value';
import { bodyFault, mentionsOf, normalizeBody } from './body.ts';
import { decodeAnswers, decodeChanges, encodeAnswers, encodeChanges, type PublishedChange } from './changes.ts';
import { Instant, isId, userIdOf } from './ids.ts';
import { may, outranks } from './roles.ts';
import { fnv1a, shardOf } from './shard.ts';

describe('userIdOf', () => {
  const who = { issuerAlias: 'local', kind: 'user', sub: 'a' } as const;

  it('gives the same id for the same principal, a valid UUIDv5', async () => {
    const id = await userIdOf(who);
    expect(await userIdOf({ ...who })).toBe(id);
    expect(isId(id)).toBe(true);
    expect(id[14]).toBe('5');
  });

  it('never gives a machine the id of a person, nor one issuer that of another', async () => {
    const ids = await Promise.all([
      userIdOf(who),
      userIdOf({ ...who, kind: 'machine' }),
      userIdOf({ ...who, issuerAlias: 'other' }),
      userIdOf({ issuerAlias: 'local","user', kind: 'user', sub: 'a' }),
    ]);
    expect(new Set(ids).size).toBe(4);
  });
});

describe('Instant', () => {
  it.each(['2026-11-22T10:42:00.000Z', '2028-02-29T23:59:59Z', '9999-12-31T23:59:59.123456Z'])('takes %s', (text) => {
    expect(Value.Check(Instant, text)).toBe(true);
  });

  it.each([
    ['a month too late', '2026-13-01T00:00:00Z'],
    ['a day too late', '2026-01-32T00:00:00Z'],
    ['an hour too late', '2026-01-01T25:00:00Z'],
    ['a leap second', '2026-12-31T23:59:60Z'],
    ['the year before the first', '0000-01-01T00:00:00Z'],
    ['another zone', '2026-01-01T00:00:00+01:00'],
  ])('refuses %s', (_name, text) => {
    expect(Value.Check(Instant, text)).toBe(false);
  });
});

describe('shardOf', () => {
  it('is FNV-1a as published', () => {
    expect(fnv1a('')).toBe(0x811c9dc5);
    expect(fnv1a('a')).toBe(0xe40c292c);
    expect(fnv1a('foobar')).toBe(0xbf9cf968);
  });

  it('spreads conversations over all shards', () => {
    const used = new Set(Array.from({ length: 500 }, () => shardOf(crypto.randomUUID(), 16)));
    expect(used.size).toBe(16);
  });
});

describe('bodyFault', () => {
  it.each([
    ['nothing', '', 'length'],
    ['white space', ' \n ', 'length'],
    ['4 001 letters', 'x'.repeat(4001), 'length'],
    ['4 001 emoji', '😀'.repeat(4001), 'length'],
    ['a control character', 'a\u0000b', 'characters'],
    ['half a surrogate pair', '\ud800', 'characters'],
  ] as const)('refuses %s', (_name, body, fault) => {
    expect(bodyFault(body)).toBe(fault);
  });

  it('counts code points, not UTF-16 units', () => {
    expect(bodyFault('😀'.repeat(4000))).toBeUndefined();
  });

  it('takes composed text, tabs and lines', () => {
    expect(normalizeBody('e\u0301\r\nx')).toBe('é\nx');
    for (const text of ['a\rb', 'a\r\nb', 'a\nb']) expect(normalizeBody(text)).toBe('a\nb');
    expect(bodyFault('a\tb\nc')).toBeUndefined();
  });
});

describe('mentionsOf', () => {
  it('finds each person once', () => {
    const id = crypto.randomUUID();
    expect(mentionsOf(`<@${id}> and <@${id}> but not <@nobody>`)).toEqual([id]);
  });
});

describe('changes', () => {
  const changes: PublishedChange[] = [
    { topic: 'c:1', rev: 7, origin: null, frame: JSON.stringify({ body: 'tab\t line\n' }) },
    { topic: 'u:2', rev: 0, origin: { node: 'n', connection: 'k', frame: 3, answer: '{"ok":{}}' }, frame: '{}' },
    { topic: 'c:3', rev: 1, origin: { node: 'n', connection: 'k', frame: 0, answer: '{"ok":{}}' }, frame: '' },
  ];

  it('reads back what it wrote', () => {
    expect(decodeChanges(encodeChanges(changes))).toEqual(changes);
    expect(decodeChanges(encodeChanges([]))).toEqual([]);
  });

  it('refuses anything else', () => {
    for (const text of ['x', 'c:1\t1', 'c:1\tx\t\t\t\t\n{}', 'z:1\t1\t\t\t\t\n{}']) {
      expect(() => decodeChanges(text)).toThrow(TypeError);
    }
  });

  it('reads back answers', () => {
    const answers = [{ connection: 'k', frame: 1, answer: '{"ok":{"seq":1}}' }];
    expect(decodeAnswers(encodeAnswers(answers))).toEqual(answers);
  });
});

describe('may', () => {
  it('lets no plain member invite unless the conversation says so', () => {
    expect(may('member', 'invite')).toBe(false);
    expect(may('member', 'invite', { membersMayInvite: true })).toBe(true);
    expect(may('viewer', 'invite', { membersMayInvite: true })).toBe(false);
    expect(may('owner', 'invite')).toBe(true);
  });

  it('ranks strictly', () => {
    expect(outranks('owner', 'admin')).toBe(true);
    expect(outranks('admin', 'admin')).toBe(false);
  });
});
