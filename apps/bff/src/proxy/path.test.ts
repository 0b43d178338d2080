import { describe, expect, it } from 'bun:test';
import { upstreamPath } from './path.ts';

describe('upstreamPath', () => {
  it.each([
    '/conversations',
    '/conversations/1/messages',
    '/c/1/reactions/%F0%9F%91%8D',
    '/users;a=1',
    '/a@b',
    '/a:b',
    '/internals',
  ])('takes %s as it is', (path) => expect(upstreamPath(path)).toEqual({ path }));

  it('drops one slash at the end', () => expect(upstreamPath('/me/')).toEqual({ path: '/me' }));

  it.each([
    '//evil.example',
    '/a//b',
    '/a/..',
    '/../a',
    '/%2e%2e/a',
    '/a/%2E%2e',
    '/./a',
    '/a/%2e',
    '/a%2fb',
    '/a%2Fb',
    '/a%5cb',
    '/a\\b',
    '/a%00',
    '/a%0d%0ab',
    '/%252e%252e/a',
    '/a%25',
    '/%ff',
    '/%',
    '/%zz',
    '/a%7f',
    '/a//',
    '/..;/a',
    '/a/..;x=1',
    '/.;/a',
    '/;/a',
  ])('refuses %s', (path) => expect(upstreamPath(path)).toEqual({ refusal: 'malformed' }));

  it.each([
    '/',
    '',
    '/internal',
    '/internal/x',
    '/Internal/x',
    '/%69nternal/x',
    '/metrics',
    '/health/ready',
    '/swagger',
    '/swagger/json',
  ])('knows nothing at %s', (path) => expect(upstreamPath(path)).toEqual({ refusal: 'not-found' }));
});
