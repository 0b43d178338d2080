import { describe, expect, it } from 'bun:test';
import type { SignedInUser } from '@chatapp/contract/http-bff';
import { fakeClock } from '../test/fake-clock.ts';
import { fakeSockets } from '../test/fake-socket.ts';
import { fakeTabs, send } from '../test/outbox.ts';
import { ann, bob, harbour } from '../test/people.ts';
import { createHttp } from './api/http.ts';
import { createClient } from './client.ts';
import { memoryOutboxStore } from './outbox/outbox-store.ts';

const person = (id: string, name: string) => {
  const rest = { avatarUrl: null, email: null, emailVerified: false, createdAt: null };
  return { id, name, ...rest };
};
const anns: SignedInUser = {
  user: person(ann, 'Ann'),
  sessionExpiresAt: '2026-11-22T10:00:00.000Z',
  logoutUrl: '/bff/logout?sid=1',
};

/** The page of ann, offline at first. `cookieOf` is who the browser is by now; a BFF that is `strict` refuses the page of another. */
const start = ({ cookieOf, strict }: { cookieOf: string; strict: boolean }) => {
  const { clock, advance, settle } = fakeClock(1_000_000);
  const sockets = fakeSockets();
  const network = { on: false };
  const done: string[] = [];
  let asked = 0;
  const bff = (path: string, { method, headers }: RequestInit): Response => {
    const userId = new Headers(headers).get('page-user');
    if (strict && userId !== cookieOf) return Response.json({ code: 'signed-out' }, { status: 401 });
    done.push(`${method} ${path}`);
    if (path === '/bff/realtime-ticket') return Response.json({ url: 'ws://x/realtime', ticket: 't', expiresAt: '' });
    return Response.json({ items: [], next: null });
  };
  const onSignedOut = async () => void asked++;
  const common = { clock, random: () => 0.5 };
  const http = createHttp({
    ...common,
    fetch: async (path, init) => {
      if (!network.on) throw new TypeError('Failed to fetch');
      return bff(path, init);
    },
    onSignedOut,
  });
  const outboxStore = memoryOutboxStore();
  const client = createClient({
    ...{ ...common, http, outboxStore, signedIn: anns, openTabs: fakeTabs(), openSocket: sockets.open, onSignedOut },
    ...{ newId: () => crypto.randomUUID(), looking: () => true, online: () => network.on, onRemoved: () => undefined },
  });
  client.start();
  /** Time passes; answers are read from streams, which takes turns of the event loop. */
  const pass = async (seconds: number) => {
    for (let second = 0; second < seconds; second++) {
      await new Promise(setImmediate);
      await advance(1000);
    }
  };
  const comeBack = () => {
    network.on = true;
    client.outbox.hurry();
    client.connection.hurry();
  };
  return { client, comeBack, sockets, done, asked: () => asked, outboxStore, pass, settle };
};

describe('a page that comes back to the network', () => {
  it('sends what waits while the browser is still the same person', async () => {
    const { client, comeBack, done, pass, settle } = start({ cookieOf: ann, strict: true });
    await settle();
    await client.outbox.add(harbour, send('For my doctor only.'));
    comeBack();
    await pass(10);
    expect(done).toContain(`POST /api/messages/conversations/${harbour}/messages`);
    client.stop();
  });

  it('sends nothing once the browser is somebody else, asks who that is, and keeps the outbox', async () => {
    const { client, comeBack, sockets, done, asked, outboxStore, pass, settle } = start({
      cookieOf: bob,
      strict: true,
    });
    await settle();
    await client.outbox.add(harbour, send('For my doctor only.'));
    comeBack();
    await pass(10);
    expect(asked()).toBeGreaterThan(0);
    expect(done).toEqual([]);
    expect(sockets.sockets).toEqual([]);
    expect(await outboxStore.all(ann)).toMatchObject([{ op: { body: 'For my doctor only.' }, failed: null }]);
    client.stop();
  });

  it('loads the lists that it could not load, also where no socket opens', async () => {
    const { client, comeBack, pass } = start({ cookieOf: ann, strict: true });
    await pass(10);
    expect(client.conversations.status()).toBe('failed');
    comeBack();
    await pass(30);
    expect(client.conversations.status()).toBe('ready');
    expect(client.unread.loaded()).toBe(true);
    client.stop();
  });

  it('loads after a resume what was opened, also what could not be loaded then', async () => {
    const { client, comeBack, sockets, done, pass, settle } = start({ cookieOf: ann, strict: true });
    const opened = [client.members, client.receipts, client.joinRequests, client.bans];
    const loaded = Promise.allSettled(opened.map(({ load }) => load(harbour)));
    await pass(30);
    expect((await loaded).map(({ status }) => status)).toEqual(Array(4).fill('rejected'));
    expect(client.members.failed(harbour)).toBe(true);
    comeBack();
    await pass(30);
    const before = done.length;
    sockets.hello();
    await settle();
    sockets.answer('resume', { conversations: [] });
    await pass(2);
    const asked = done.slice(before).filter((line) => line.includes(harbour));
    expect(asked.map((line) => line.split(/[/?]/)[5]).sort()).toEqual(['bans', 'join-requests', 'members', 'receipts']);
    expect(client.members.failed(harbour)).toBe(false);
    client.stop();
  });

  it('stays the page of its person, whoever the profile is of', async () => {
    const { client, comeBack, asked, pass } = start({ cookieOf: bob, strict: false });
    comeBack();
    await pass(2);
    client.learnMe(person(bob, 'Bob'));
    expect(client.me).toMatchObject({ id: ann, name: 'Ann' });
    expect(asked()).toBeGreaterThan(0);
    client.stop();
  });
});
