import { afterEach, describe, expect, it } from 'bun:test';
import { createSignal } from 'solid-js';
import { ann, bob, harbour, messageOf } from '../../test/people.ts';
import { show } from '../../test/render.ts';
import { type AppContext, AppContextProvider } from '../context.ts';
import type { ComposeMode, Refill, RoomContext } from '../conversations/room-context.ts';
import { createComposer } from './create-composer.ts';
import { createDrafts } from './drafts.ts';

const drafts = createDrafts(sessionStorage, ann);

/** The field of ann in a conversation with bob; message 5 is hers. */
const start = (add: () => Promise<string> = async () => 'id') => {
  const failures: string[] = [];
  const client = {
    me: { id: ann },
    people: { find: () => undefined },
    members: { of: () => [{ user: { id: bob, name: 'Bob', avatarUrl: null } }] },
    typing: { stop: () => {}, press: () => {} },
    outbox: { add },
  };
  const app = { client, notices: { fail: (text: string) => failures.push(text) } } as unknown as AppContext;
  const [mode, setMode] = createSignal<ComposeMode>({ kind: 'new' });
  const [refill, setRefill] = createSignal<Refill>();
  const messages = new Map([[5, messageOf(5, { senderId: ann, body: 'Saved.' })]]);
  const entry = { timeline: () => ({ messages, high: 5 }) };
  const room = {
    ...{ id: harbour, entry, mode, setMode, refill, setRefill },
    nameOf: (id: string) => (id === bob ? 'Bob' : 'Ann'),
    noteSent: () => {},
  } as unknown as RoomContext;
  let composer: ReturnType<typeof createComposer> | undefined;
  const Field = () => {
    composer = createComposer(room);
    return null;
  };
  const page = show(() => (
    <AppContextProvider.Provider value={app}>
      <Field />
    </AppContextProvider.Provider>
  ));
  if (!composer) throw new Error('the field was not made');
  const type = (text: string) => composer?.write(text, text.length);
  return { composer, page, room, type, failures };
};
const settle = async () => {
  for (let turn = 0; turn < 10; turn++) await Promise.resolve();
};
let page: ReturnType<typeof show> | undefined;
afterEach(() => {
  page?.remove();
  sessionStorage.clear();
});

describe('a message that is edited again', () => {
  it('is in the draft before the outbox lets go of it, and before anything is typed', () => {
    const { room, composer, ...started } = start();
    page = started.page;
    let held: string | undefined;
    const release = async () => {
      held = drafts.read(harbour);
      return true;
    };
    room.setRefill({ body: `Wrnog, <@${bob}>.`, replyTo: null, release });
    expect(held).toBe('Wrnog, @Bob.');
    expect(composer.body()).toBe('Wrnog, @Bob.');
  });

  it('stands before what was begun since, in the field and in the draft', () => {
    const { room, composer, type, ...started } = start();
    page = started.page;
    type('Another thing.');
    room.setRefill({ body: 'Wrnog.', replyTo: null, release: async () => true });
    expect(composer.body()).toBe('Wrnog.\nAnother thing.');
    expect(drafts.read(harbour)).toBe('Wrnog.\nAnother thing.');
  });

  it('ends an edit, and joins the draft that waited for its end', () => {
    const { room, composer, type, ...started } = start();
    page = started.page;
    type('Another thing.');
    room.setMode({ kind: 'edit', seq: 5 });
    expect(composer.body()).toBe('Saved.');
    room.setRefill({ body: 'Wrnog.', replyTo: null, release: async () => true });
    expect(room.mode()).toEqual({ kind: 'new' });
    expect(composer.body()).toBe('Wrnog.\nAnother thing.');
    expect(drafts.read(harbour)).toBe('Wrnog.\nAnother thing.');
  });

  it('is a reply to the same message again', () => {
    const { room, ...started } = start();
    page = started.page;
    room.setMode({ kind: 'edit', seq: 5 });
    room.setRefill({ body: 'Wrnog.', replyTo: 3, release: async () => true });
    expect(room.mode()).toEqual({ kind: 'reply', seq: 3 });
  });

  it.each([
    ['goes out after all', async () => false, 0],
    ['cannot be taken out of the outbox', async () => Promise.reject(new Error('no storage')), 1],
  ])('leaves the field as it was when it %s', async (_name, release, told) => {
    const { room, composer, type, failures, ...started } = start();
    page = started.page;
    type('Another thing.');
    room.setRefill({ body: 'Wrnog.', replyTo: null, release });
    await settle();
    expect(composer.body()).toBe('Another thing.');
    expect(drafts.read(harbour)).toBe('Another thing.');
    expect(failures).toHaveLength(told);
  });
});

describe('what is put in the field', () => {
  it('is a draft when it was a picked name', () => {
    const { composer, type, ...started } = start();
    page = started.page;
    type('Ask @B');
    composer.mentions.take({ id: bob, name: 'Bob', avatarUrl: null });
    expect(drafts.read(harbour)).toBe('Ask @Bob ');
  });

  it('is a draft when it could not be stored and something was written since', async () => {
    const stored = Promise.withResolvers<string>();
    const { composer, type, ...started } = start(() => stored.promise);
    page = started.page;
    type('First.');
    composer.submit();
    type('Second.');
    stored.reject(new Error('full'));
    await settle();
    expect(composer.body()).toBe('First.\nSecond.');
    expect(drafts.read(harbour)).toBe('First.\nSecond.');
  });
});
