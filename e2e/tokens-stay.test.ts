import { afterAll, beforeAll, describe, expect, it } from 'bun:test';
import type { Browser, BrowserContext, Page, Request } from 'playwright-core';
import { vaultOf } from '../apps/bff/src/session/secret.ts';
import type { SealedPart } from '../apps/bff/src/session/session.ts';
import { browser as launch } from '../dev/testing/browser.ts';
import { type TestStack, testStack } from '../dev/testing/stack.ts';
import { createActor } from './actor.ts';
import { everywhere, withRedis } from './erasure.ts';
import { storedIn } from './stored-in.ts';

let stack: TestStack;
let browser: Browser;
beforeAll(async () => {
  [stack, browser] = await Promise.all([testStack(), launch()]);
}, 120_000);
afterAll(async () => {
  await browser?.close();
  await stack?.stop();
});

/** What goes to and fro from now on, as a HAR file would have it: addresses, headers, bodies and frames, of every page. */
const hear = (context: BrowserContext, page: Page) => {
  const texts: Promise<string>[] = [];
  const exchange = async (request: Request): Promise<string> => {
    const response = await request.response();
    const sent = [request.url(), request.postData(), await request.headersArray()];
    // A redirect has no body, nor has what the browser gave up.
    const body = await response?.text().catch(() => '');
    return JSON.stringify([sent, response?.status(), await response?.headersArray(), body]);
  };
  const note = (request: Request) => texts.push(exchange(request).catch(() => ''));
  context.on('requestfinished', note);
  context.on('requestfailed', note);
  page.on('websocket', (socket) => {
    const noteFrame = ({ payload }: { payload: string | Buffer }) => texts.push(Promise.resolve(String(payload)));
    socket.on('framereceived', noteFrame);
    socket.on('framesent', noteFrame);
  });
  return async () => await Promise.all(texts);
};

/** The tokens of the session that this cookie opens, as the BFF alone can read them. */
const tokensOf = async (context: BrowserContext) => {
  const cookies = await context.cookies(stack.url);
  const secret = cookies.find(({ name }) => name.startsWith('__Host-Http-session'))?.value ?? '';
  const vault = await vaultOf(secret, 'session');
  const record = await withRedis(stack.dataDir, (redis) => redis.get(`session:${vault?.id}`));
  if (vault === undefined || record === null) throw new Error('nobody is signed in');
  const { tokens } = (await vault.open(JSON.parse(record).box)) as SealedPart;
  return { access: tokens.accessToken, refresh: tokens.refreshToken ?? '', id: tokens.idToken };
};

describe('the tokens of a person at work', () => {
  it('S13: are in nothing that the browser sends, gets or stores, in no log and no store', async () => {
    const ann = await createActor(browser, stack.url, 'ann');
    const heard = hear(ann.context, ann.page);
    await ann.signIn();
    await ann.createConversation('Tokens');
    await ann.say('canary text');
    await ann.message('canary text').waitFor();
    await ann.page.reload();
    await ann.message('canary text').waitFor();

    const tokens = await tokensOf(ann.context);
    for (const [name, token] of Object.entries(tokens)) expect([name, token.length > 40]).toEqual([name, true]);
    const traffic = await heard();
    // All of it was heard: the page, what it asks for, the socket, and the way over the issuer.
    for (const part of ['<title>ChatApp</title>', '/bff/user', '/bff/callback?code=', '"hello"', 'canary text']) {
      expect([
        part,
        traffic.some((text) => text.includes(part) || text.includes(JSON.stringify(part).slice(1, -1))),
      ]).toEqual([part, true]);
    }
    await ann.page.evaluate(async () => {
      localStorage.setItem('canary', 'canary of the storage');
      await (await caches.open('canary')).put('/canary', new Response('canary of the cache'));
      await new Promise((resolve) => {
        const opening = indexedDB.open('canary', 1);
        opening.onupgradeneeded = () => opening.result.createObjectStore('canaries').put('canary of the database', 1);
        opening.onsuccess = () => resolve(opening.result.close());
      });
    });
    const stored = await storedIn(ann.page);
    for (const place of ['storage', 'cache', 'database']) expect(stored).toContain(`canary of the ${place}`);

    const inBrowser = [...traffic, stored].join('\n');
    for (const [name, token] of Object.entries(tokens)) {
      expect([name, inBrowser.includes(token)]).toEqual([name, false]);
      // Of a JWT its signature alone would do.
      expect([name, inBrowser.includes(token.split('.').at(-1) ?? token)]).toEqual([name, false]);
    }
    expect(inBrowser.match(/eyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]{10,}/)).toBeNull();
    expect(await everywhere(stack.dataDir, Object.values(tokens))).toEqual([]);
    await ann.context.close();
  }, 60_000);
});
