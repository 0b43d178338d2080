import { afterAll, describe, expect, it } from 'bun:test';
import fc from 'fast-check';
import { sendBytes } from '../../../../dev/testing/raw-request.ts';
import { addressIn } from './request-url.ts';

const server = Bun.serve({
  port: 0,
  hostname: '127.0.0.1',
  fetch: ({ url }) => Response.json({ url, isNormal: new URL(url).href === url }),
});
afterAll(() => server.stop(true));

describe('the address of a request', () => {
  it.each([
    'http://a/',
    'https://a.example:8443/b/c?d=e',
    'http://a/b?',
    'http://a/b?c#d?e',
    'http://a/b#c?d',
    'http://[::1]:3000//x/y?z=http://b/c',
  ])('is that of %s as a URL has it', (url) => {
    const { pathname, search } = new URL(url);
    expect(addressIn(url)).toEqual({ pathname, search });
  });

  it('is that of any URL', () => {
    fc.assert(
      fc.property(fc.webUrl({ withFragments: true, withQueryParameters: true }), (text) => {
        const { href, pathname, search } = new URL(text);
        expect(addressIn(href)).toEqual({ pathname, search });
      }),
      { numRuns: 30 },
    );
  });

  it.each(['/a/../b', '/a/%2e%2e/b', '/a\\b', '/a|b{}^`?c=<>"', '//x/./y', 'http://evil.example/x/../y', '/%7e?q#f'])(
    'comes in normal form, as %s: nothing is resolved here',
    async (path) => {
      const answer = await sendBytes(
        server.url.href,
        `GET ${path} HTTP/1.1\r\nHost: Localhost:80\r\nConnection: close\r\n\r\n`,
      );
      expect(JSON.parse(answer.split('\r\n').at(-1) ?? '')).toMatchObject({ isNormal: true });
    },
  );
});
