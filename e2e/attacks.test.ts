import { afterAll, beforeAll, describe, expect, it } from 'bun:test';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Server } from 'bun';
import type { Browser } from 'playwright-core';
import { browser as launch } from '../dev/testing/browser.ts';
import { eventually } from '../dev/testing/eventually.ts';
import { type Person, signIn } from '../dev/testing/person.ts';
import { type TestStack, testStack } from '../dev/testing/stack.ts';
import { type Actor, createActor, watchViolations } from './actor.ts';
import { attackPage, type Booty, framingPage, type Outcomes, sandboxedPage, untraced } from './attack-page.ts';
import { type AttackedRoute, attackedRoutes } from './attacked-routes.ts';
import { storedIn } from './stored-in.ts';

let stack: TestStack;
let browser: Browser;
let attacker: Server<undefined>;
let ann: Actor;
/** Ann at another device. */
let otherDevice: Person;
let routes: readonly AttackedRoute[];
let ticket = '';
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
      const page = pages[new URL(request.url).pathname];
      if (page === undefined) return new Response(null, { status: 404 });
      return new Response(page({ target: stack.url, routes, ticket }), { headers: { 'content-type': 'text/html' } });
    },
  });
  otherDevice = await signIn(stack.url, 'ann');
  routes = await attackedRoutes(otherDevice);
  ann = await createActor(browser, stack.url, 'ann');
  await ann.signIn();
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

/** All that Ann's own page can read of her, but for what differs from answer to answer and the times that move by themselves. */
const account = async (): Promise<Record<string, string>> => {
  const paths = routes.filter(({ method }) => method === 'GET').map(({ path }) => path);
  const answers = await ann.page.evaluate(
    (all) =>
      Promise.all(
        all.map(async (path) => {
          const answer = await fetch(path, { headers: { 'x-csrf': '1' } });
          return [path, `${answer.status} ${await answer.text()}`] as const;
        }),
      ),
    paths,
  );
  const moving = /"(requestId|exportedAt|lastActivityAt|lastSeenAt|expiresAt|sessionExpiresAt)":"[^"]*"/g;
  return Object.fromEntries(answers.map(([path, answer]) => [path, answer.replace(moving, '')]));
};

/** A ticket of Ann's, which her own page asked for. */
const freshTicket = () =>
  ann.page.evaluate(async () => {
    const answer = await fetch('/bff/realtime-ticket', { method: 'POST', headers: { 'x-csrf': '1' } });
    return ((await answer.json()) as { ticket: string }).ticket;
  });

/** The first frame that Ann's own page gets of a socket with that ticket. */
const firstFrame = (unused: string) =>
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
    unused,
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
      const before = await account();
      // What the page of the attacker asks for is there.
      for (const answer of Object.values(before)) expect(answer).toMatch(/^(200|404) /);
      const refusedBefore = (await refusals()).length;
      const page = await ann.context.newPage();
      ticket = await freshTicket();
      await page.goto(url());
      const outcomes = await eventually(
        async () => {
          const title = await page.title();
          return title.startsWith('{') ? (JSON.parse(title) as Outcomes) : undefined;
        },
        { timeoutMs: 20_000 },
      );
      expect(Object.keys(outcomes).length).toBeGreaterThan(2 * routes.length + 10);
      expect(Object.entries(outcomes).filter(([, outcome]) => outcome !== 'refused')).toEqual([]);
      await page.close();
      // They did arrive: it was the BFF that refused them, each one, not only the browser that hid the answers.
      const refused = await eventually(async () => {
        const since = (await refusals()).slice(refusedBefore);
        const names = since.map(({ route }) => route);
        expect(untraced(routes, names)).toEqual([]);
        return since;
      });
      for (const { code } of refused) expect(['csrf', 'origin']).toContain(code);
      const sockets = refused.filter(({ route }) => route === 'GET /realtime');
      expect(sockets.map(({ code }) => code)).toEqual(['origin', 'origin', 'origin']);
      // It was the origin: the ticket is good, and still unused.
      expect(await firstFrame(ticket)).toContain('hello');
      expect(await account()).toEqual(before);
      expect((await otherDevice.call('GET', '/bff/user')).status).toBe(200);
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
    await ann.open('Mine');
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
