import { afterAll, beforeAll, describe, expect, it } from 'bun:test';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Server } from 'bun';
import type { Browser } from 'playwright-core';
import { browser as launch } from '../dev/testing/browser.ts';
import { eventually } from '../dev/testing/eventually.ts';
import { signIn } from '../dev/testing/person.ts';
import { type TestStack, testStack } from '../dev/testing/stack.ts';
import { type Actor, createActor, watchViolations } from './actor.ts';
import { attackPage, type Booty, framingPage, type Outcomes, sandboxedPage } from './attack-page.ts';
import { storedIn } from './stored-in.ts';

let stack: TestStack;
let browser: Browser;
let attacker: Server<undefined>;
let ann: Actor;
beforeAll(async () => {
  [stack, browser] = await Promise.all([testStack(), launch()]);
  const pages: Record<string, (booty: Booty) => string> = {
    '/attack': attackPage,
    '/sandbox': sandboxedPage,
    '/frame': framingPage,
  };
  attacker = Bun.serve({
    port: 0,
    fetch(request): Response {
      const { pathname, searchParams } = new URL(request.url);
      const page = pages[pathname];
      if (page === undefined) return new Response(null, { status: 404 });
      const booty = { target: stack.url, ticket: searchParams.get('ticket') ?? '' };
      return new Response(page(booty), { headers: { 'content-type': 'text/html' } });
    },
  });
  ann = await createActor(browser, stack.url, 'ann');
  await ann.signIn();
  await ann.createConversation('Mine');
}, 120_000);
afterAll(async () => {
  await browser?.close();
  await attacker?.stop(true);
  await stack?.stop();
});

/** Lines of the BFF's audit log about refused requests. */
const refusals = async (): Promise<{ code: string; route: string }[]> => {
  const log = await readFile(join(stack.dataDir, 'logs/bff.log'), 'utf8');
  const lines = log.split('\n').filter((line) => line.includes('"audit":"access.refused"'));
  return lines.map((line) => JSON.parse(line.slice(line.indexOf('{'))) as { code: string; route: string });
};

/** What Ann's own page sees of her account. */
const account = () =>
  ann.page.evaluate(async () => {
    const get = async (path: string) => (await fetch(path, { headers: { 'x-csrf': '1' } })).json();
    const { items: conversations } = await get('/api/conversations/conversations');
    const { items: sessions } = await get('/bff/sessions');
    return { names: conversations.map(({ name }: { name: string }) => name), sessions: sessions.length };
  });

/** A ticket of Ann's, which her own page asked for. */
const freshTicket = () =>
  ann.page.evaluate(async () => {
    const answer = await fetch('/bff/realtime-ticket', { method: 'POST', headers: { 'x-csrf': '1' } });
    return ((await answer.json()) as { ticket: string }).ticket;
  });

/** The first frame that Ann's own page gets of a socket with that ticket. */
const firstFrame = (ticket: string) =>
  ann.page.evaluate(
    (query) =>
      new Promise<string>((resolve) => {
        const socket = new WebSocket(`/realtime?ticket=${query}`);
        socket.onmessage = ({ data }) => {
          resolve(String(data));
          socket.close();
        };
        socket.onerror = () => resolve('refused');
      }),
    ticket,
  );

describe('an attacker’s page, open beside ChatApp in one browser', () => {
  const port = () => attacker.port;
  const origins: [name: string, url: () => string][] = [
    ['another site', () => `http://127.0.0.1:${port()}/attack`],
    ['the same site, another port', () => `http://localhost:${port()}/attack`],
    ['the origin null, a sandboxed frame', () => `http://localhost:${port()}/sandbox`],
  ];

  it.each(origins)(
    'S16, S31: from %s gets nothing, by HTTP or socket, and changes nothing',
    async (_name, url) => {
      const elsewhere = await signIn(stack.url, 'ann');
      const before = await account();
      const refusedBefore = (await refusals()).length;
      const page = await ann.context.newPage();
      const ticket = await freshTicket();
      await page.goto(`${url()}?ticket=${ticket}`);
      const outcomes = await eventually(
        async () => {
          const title = await page.title();
          return title.startsWith('{') ? (JSON.parse(title) as Outcomes) : undefined;
        },
        { timeoutMs: 20_000 },
      );
      expect(Object.keys(outcomes).length).toBeGreaterThan(15);
      expect(Object.entries(outcomes).filter(([, outcome]) => outcome !== 'refused')).toEqual([]);
      await page.close();
      // They did arrive: it was the BFF that refused them, not only the browser that hid the answers.
      const refused = (await refusals()).slice(refusedBefore);
      expect(refused.length).toBeGreaterThan(5);
      for (const { code } of refused) expect(['csrf', 'origin']).toContain(code);
      expect(refused.map(({ route }) => route)).toContain('POST /api/conversations/*');
      const sockets = refused.filter(({ route }) => route === 'GET /realtime');
      expect(sockets.map(({ code }) => code)).toEqual(['origin', 'origin', 'origin']);
      // It was the origin: the ticket is good, and still unused.
      expect(await firstFrame(ticket)).toContain('hello');
      expect(await account()).toEqual(before);
      expect((await elsewhere.call('GET', '/bff/user')).status).toBe(200);
    },
    60_000,
  );

  it('S42: cannot frame it', async () => {
    const page = await ann.context.newPage();
    for (const host of ['localhost', '127.0.0.1']) {
      await page.goto(`http://${host}:${attacker.port}/frame`, { waitUntil: 'load' });
      const [frame] = page.frames().filter((one) => one !== page.mainFrame());
      // The page has loaded a moment before the browser puts its own page into the frame.
      await eventually(() => frame?.url() !== '');
      expect(frame?.url()).toStartWith('chrome-error:');
    }
    await page.close();
  }, 30_000);
});

describe('a script that got into the page all the same', () => {
  it('S7: finds no cookie, and no token in what the page stores', async () => {
    const stored = await storedIn(ann.page);
    expect(JSON.parse(stored)).toMatchObject({ cookie: '', cookies: [] });
    expect(stored).not.toMatch(/eyJ[\w-]+\.|session-\d+=/);
  });

  it('S42: can write no HTML, run no text and load nothing from elsewhere', async () => {
    // A window of its own: what is tried here breaks the policy on purpose.
    const context = await browser.newContext();
    const page = await context.newPage();
    const breaches: string[] = [];
    watchViolations(page, stack.url, (text) => breaches.push(text));
    await page.goto(stack.url);
    const outcomes = await page.evaluate(async (elsewhere) => {
      const tried = (work: () => unknown) => {
        try {
          work();
          return 'done';
        } catch (error) {
          return (error as Error).name;
        }
      };
      const loaded = (element: HTMLImageElement) =>
        new Promise<string>((resolve) => {
          element.onload = () => resolve('done');
          element.onerror = () => resolve('refused');
          element.src = `${elsewhere}/image`;
        });
      const withStyle = (element: HTMLImageElement) => {
        element.setAttribute('style', 'color: red');
        return element.style.color;
      };
      const withHandler = (element: HTMLImageElement) => {
        tried(() => element.setAttribute('onclick', 'window.pwned = 1'));
        element.click();
        return element;
      };
      return {
        innerHTML: tried(() => {
          document.body.innerHTML = '<img src=x onerror="window.pwned=1">';
        }),
        script: tried(() => {
          document.createElement('script').text = 'window.pwned=1';
        }),
        address: tried(() => {
          document.createElement('script').src = `${elsewhere}/x.js`;
        }),
        write: tried(() => document.write('<p id="pwned">')),
        timer: tried(() => setTimeout('window.pwned = 1' as unknown as () => void)),
        fetched: await fetch(`${elsewhere}/fetch`).then(
          () => 'done',
          () => 'refused',
        ),
        image: await loaded(document.createElement('img')),
        handler: await loaded(withHandler(document.createElement('img'))),
        style: withStyle(document.createElement('img')),
        module: await import(`${elsewhere}/module.js`).then(
          () => 'done',
          () => 'refused',
        ),
        pwned: String('pwned' in window),
      };
    }, `http://127.0.0.1:${attacker.port}`);
    expect(outcomes).toEqual({
      innerHTML: 'TypeError',
      script: 'TypeError',
      address: 'TypeError',
      write: 'TypeError',
      timer: 'TypeError',
      fetched: 'refused',
      image: 'refused',
      handler: 'refused',
      style: '',
      module: 'refused',
      pwned: 'false',
    });
    // What watches all journeys has heard of each: it would not, where Chromium used other words for them.
    await page.evaluate(() => void setTimeout(() => document.write('<p id="late">')));
    const kinds = [
      ...[/'TrustedHTML'/, /'TrustedScript'/, /'TrustedScriptURL'/, /'write' on 'Document'/],
      ...[/\/fetch/, /\/image/, /\/module\.js/, /inline style/],
    ];
    await eventually(() => {
      expect(kinds.filter((kind) => !breaches.some((text) => kind.test(text)))).toEqual([]);
      return true;
    });
    await context.close();
  }, 30_000);
});
