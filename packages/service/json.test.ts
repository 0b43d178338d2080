import { describe, expect, it } from 'bun:test';
import { decodeCursor, encodeCursor } from './cursor.ts';
import { nestsDeeperThan, parseJson, readText } from './json.ts';
import { ProblemError } from './problem.ts';
import { splitStatements } from './split-statements.ts';

const codeOf = (work: () => unknown): string | undefined => {
  try {
    work();
  } catch (error) {
    return error instanceof ProblemError ? error.code : 'another error';
  }
};

describe('nestsDeeperThan', () => {
  it('counts brackets outside strings only', () => {
    expect(nestsDeeperThan('[[1]]', 2)).toBe(false);
    expect(nestsDeeperThan('[[[1]]]', 2)).toBe(true);
    expect(nestsDeeperThan('["[[[[\\"[["]', 1)).toBe(false);
    expect(nestsDeeperThan('[{},{},{}]', 2)).toBe(false);
  });
});

describe('parseJson', () => {
  it('S39: refuses what is no JSON and what nests too deep, without blocking', () => {
    expect(codeOf(() => parseJson('{'))).toBe('malformed');
    expect(codeOf(() => parseJson('['.repeat(60_000)))).toBe('invalid');
    expect(parseJson('{"a":[1]}')).toEqual({ a: [1] });
  });

  it('S29: refuses a prototype, however it is written and however deep, and takes a text about it', () => {
    for (const text of ['{"__proto__":"x"}', '{"a":[{"__proto__":{}}]}', '{"\\u005f_proto_\\u005F":null}'])
      expect([text, codeOf(() => parseJson(text))]).toEqual([text, 'invalid']);
    for (const value of [{ body: '__proto__' }, { body: '\\u005f' }, { proto: 1 }])
      expect(parseJson(JSON.stringify(value))).toEqual(value);
  });
});

describe('readText', () => {
  const request = (body: BodyInit) => new Request('http://localhost/', { method: 'POST', body });

  it('stops reading as soon as more than allowed has arrived', async () => {
    let pulled = 0;
    const endless = new ReadableStream({
      pull(controller) {
        pulled++;
        controller.enqueue(new Uint8Array(1000));
      },
    });
    expect(await readText(request(endless), 10_000).catch((error) => error.code)).toBe('too-large');
    expect(pulled).toBeLessThan(50);
  });

  it('refuses what is not UTF-8', async () => {
    expect(await readText(request(new Uint8Array([0xff, 0xfe])), 10).catch((error) => error.code)).toBe('malformed');
    expect(await readText(request('é'), 10)).toBe('é');
  });
});

describe('cursor', () => {
  const isKey = (key: unknown): key is [string, number] => Array.isArray(key) && typeof key[1] === 'number';

  it('reads back what it wrote and refuses what somebody made up', () => {
    expect(decodeCursor(encodeCursor(['a', 1]), isKey)).toEqual(['a', 1]);
    for (const made of ['', '!!', 'e30', encodeCursor(['a', 'b'])]) {
      expect(codeOf(() => decodeCursor(made, isKey))).toBe('invalid');
    }
  });
});

describe('splitStatements', () => {
  it('splits at semicolons outside strings, comments and dollar quotes', () => {
    const text = `-- first; not a statement
CREATE TABLE a (x text DEFAULT 'a;b' /* ; */);
INSERT INTO a VALUES ('it''s; fine'), ("q;");
DO $body$ BEGIN; END $body$;
`;
    expect(splitStatements(text)).toEqual([
      "CREATE TABLE a (x text DEFAULT 'a;b' )",
      `INSERT INTO a VALUES ('it''s; fine'), ("q;")`,
      'DO $body$ BEGIN; END $body$',
    ]);
  });

  it('keeps minus, slash and dollar that begin nothing', () => {
    expect(splitStatements('SELECT 1 - 2 / 3, $1')).toEqual(['SELECT 1 - 2 / 3, $1']);
  });
});
