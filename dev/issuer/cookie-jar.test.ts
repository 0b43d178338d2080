import { describe, expect, it } from 'bun:test';
import { CookieJar } from './cookie-jar.ts';

const at = new URL('http://localhost:4000/one/two');

function answer(...cookies: string[]): Response {
  return new Response('', { headers: cookies.map((cookie): [string, string] => ['set-cookie', cookie]) });
}

describe('CookieJar', () => {
  it('sends a cookie to its path and below, on every port of its host', () => {
    const jar = new CookieJar();
    jar.take(at, answer('a=1; Path=/', 'b=2; Path=/one', 'c=3; HttpOnly; Secure'));
    expect(jar.header('http://localhost:5000/one/two')).toBe('b=2; c=3; a=1');
    expect(jar.header('http://localhost:4000/onetwo')).toBe('a=1');
    expect(jar.header('http://127.0.0.1:4000/one')).toBe('');
  });

  it('forgets a cookie that is expired, deleted or replaced', () => {
    let nowMs = 1_000_000;
    const jar = new CookieJar(() => nowMs);
    jar.take(at, answer('a=1; Path=/; Max-Age=10', 'b=2; Path=/', 'c=3; Path=/'));
    jar.take(at, answer('b=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT', 'c=4; Path=/'));
    expect(jar.header(at)).toBe('a=1; c=4');
    nowMs += 10_000;
    expect(jar.header(at)).toBe('c=4');
    expect(jar.get('a')).toBeUndefined();
  });
});
