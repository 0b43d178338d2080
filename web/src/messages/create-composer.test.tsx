import { afterEach, describe, expect, it } from 'bun:test';
import type { User } from '@chatapp/contract/shapes';
import { createSignal } from 'solid-js';
import { ann, bob, eve, harbour, messageOf } from '../../test/people.ts';
import { show } from '../../test/render.ts';
import { type AppContext, AppContextProvider } from '../context.ts';
import type { Refill, RoomContext } from '../conversations/room-context.ts';
import type { OutboxOp, ShownItem } from '../outbox/outbox-item.ts';
import { createComposer } from './create-composer.ts';
import { createMode } from './create-mode.ts';
import { createDrafts } from './drafts.ts';

type Add = (conversationId: string, op: OutboxOp) => Promise<string>;
const drafts = createDrafts(sessionStorage, ann);

const itemOf = (op: OutboxOp, more: Partial<ShownItem> = {}): ShownItem => {
  const common = { clientId: 'w', userId: ann, conversationId: harbour, order: 1, at: 0, attempts: 0, failed: null };
  return { ...common, op, phase: 'waiting', ...more };
};

const userOf = (id: string, name: string): User => ({ id, name, avatarUrl: null });

/** The field of ann in a conversation with bob; messages 4 and 5 are hers, and eve, who stands in some, has left. */
const start = (add: Add = async () => 'id', items: ShownItem[] = [], eveName = 'Eve') => {
  const failures: string[] = [];
  const client = {
    me: { id: ann },
    people: { find: (id: string) => (id === eve ? userOf(eve, eveName) : undefined) },
    members: { of: () => [{ user: userOf(bob, 'Bob') }] },
    typing: { stop: () => {}, press: () => {} },
    outbox: { add, items: () => items },
  };
  const app = { client, notices: { fail: (text: string) => failures.push(text) } } as unknown as AppContext;
  const [refill, setRefill] = createSignal<Refill>();
  const messages = new Map([4, 5].map((seq) => [seq, messageOf(seq, { senderId: ann, body: 'Saved.' })]));
  const [timeline, setTimeline] = createSignal({ messages, high: 5 });
  const entry = { timeline };
  const deleteMessage = (seq: number) => {
    messages.set(seq, messageOf(seq, { senderId: ann, deletedAt: new Date(0).toISOString() }));
    setTimeline({ messages, high: 5 });
  };
  const room = {
    ...{ id: harbour, entry, refill, setRefill },
    ...createMode(drafts, harbour),
    nameOf: (id: string) => ({ [bob]: 'Bob', [eve]: eveName })[id] ?? 'Ann',
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
  return { composer, page, room, type, failures, deleteMessage };
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

describe('a message of which a change is not saved yet', () => {
  const edit = itemOf({ kind: 'edit', seq: 5, body: 'A long new text.' });

  it('is edited from what is shown, and can be changed back', () => {
    const added: OutboxOp[] = [];
    const add: Add = async (_conversation, op) => `${added.push(op)}`;
    const { room, composer, type, ...started } = start(add, [edit]);
    page = started.page;
    room.setMode({ kind: 'edit', seq: 5 });
    expect(composer.body()).toBe('A long new text.');
    composer.submit();
    expect(added).toEqual([]);
    room.setMode({ kind: 'edit', seq: 5 });
    type('Saved.');
    composer.submit();
    expect(added).toEqual([{ kind: 'edit', seq: 5, body: 'Saved.' }]);
  });

  it.each([
    ['was refused', { failed: 'forbidden', phase: 'failed' }],
    ['is of another conversation', { conversationId: 'elsewhere' }],
  ] as const)('is edited from what is saved when the change %s', (_name, more) => {
    const { room, composer, ...started } = start(undefined, [{ ...edit, ...more }]);
    page = started.page;
    room.setMode({ kind: 'edit', seq: 5 });
    expect(composer.body()).toBe('Saved.');
  });

  it('keeps whom the change mentions, also who has left since', () => {
    const added: OutboxOp[] = [];
    const add: Add = async (_conversation, op) => `${added.push(op)}`;
    const { room, composer, type, ...started } = start(add, [itemOf({ kind: 'edit', seq: 5, body: `Ask <@${eve}>.` })]);
    page = started.page;
    room.setMode({ kind: 'edit', seq: 5 });
    type('Ask @Eve today.');
    composer.submit();
    expect(added).toEqual([{ kind: 'edit', seq: 5, body: `Ask <@${eve}> today.` }]);
  });

  it('goes on to mention whom it mentions, and not another of that name', () => {
    const added: OutboxOp[] = [];
    const add: Add = async (_conversation, op) => `${added.push(op)}`;
    const said = itemOf({ kind: 'edit', seq: 5, body: `Ask <@${eve}>.` });
    const { room, composer, ...started } = start(add, [said], 'Bob');
    page = started.page;
    room.setMode({ kind: 'edit', seq: 5 });
    expect(composer.body()).toBe('Ask @Bob.');
    composer.submit();
    expect(added).toEqual([]);
  });

  it('is passed over by the arrow up when it is to be deleted', () => {
    const { room, composer, ...started } = start(undefined, [itemOf({ kind: 'delete', seq: 5 })]);
    page = started.page;
    composer.onKeyDown(new KeyboardEvent('keydown', { key: 'ArrowUp', cancelable: true }));
    expect(room.mode()).toEqual({ kind: 'edit', seq: 4 });
  });
});

describe('Enter', () => {
  it.each([
    ['sends', {}, 1],
    ['sends nothing while an input method composes', { isComposing: true }, 0],
    ['sends nothing where it confirms what an input method composed in Safari', { keyCode: 229 }, 0],
  ])('%s', (_name, more, sent) => {
    const added: OutboxOp[] = [];
    const { composer, type, ...started } = start(async (_conversation, op) => `${added.push(op)}`);
    page = started.page;
    type('港');
    composer.onKeyDown(new KeyboardEvent('keydown', { key: 'Enter', cancelable: true, ...more }));
    expect(added).toHaveLength(sent);
  });
});

describe('an edit', () => {
  /** The room is left, or reloaded; or the right to write goes and comes again. */
  const again = () => {
    page?.remove();
    const started = start();
    page = started.page;
    return started;
  };
  const startEdit = () => {
    const started = start();
    page = started.page;
    started.type('Another thing.');
    started.room.setMode({ kind: 'edit', seq: 5 });
    return started;
  };

  it('goes on when the field is made anew, from its beginning and from what was typed', () => {
    startEdit();
    const { composer, room, type } = again();
    expect(room.mode()).toEqual({ kind: 'edit', seq: 5 });
    expect(composer.body()).toBe('Saved.');
    type('Saved, and more.');
    expect(again().composer.body()).toBe('Saved, and more.');
  });

  it('gives the field back to the draft that waited, also when the field was made anew', () => {
    startEdit().type('Saved, and more.');
    const { composer, room } = again();
    composer.cancel();
    expect(composer.body()).toBe('Another thing.');
    room.setMode({ kind: 'edit', seq: 5 });
    expect(composer.body()).toBe('Saved.');
  });

  it('ends when its message is deleted', () => {
    const { composer, room, deleteMessage } = startEdit();
    deleteMessage(4);
    expect(composer.body()).toBe('Saved.');
    deleteMessage(5);
    expect(room.mode()).toEqual({ kind: 'new' });
    expect(composer.body()).toBe('Another thing.');
    expect(again().composer.body()).toBe('Another thing.');
  });
});

describe('a reply', () => {
  it('is still one when the field is made anew', () => {
    const { room, type, ...started } = start();
    room.setMode({ kind: 'reply', seq: 4 });
    type('Half of it');
    started.page.remove();
    const added: OutboxOp[] = [];
    const { composer, ...later } = start(async (_conversation, op) => `${added.push(op)}`);
    page = later.page;
    expect(composer.body()).toBe('Half of it');
    composer.submit();
    expect(added).toEqual([{ kind: 'send', body: 'Half of it', replyTo: 4 }]);
    expect(drafts.mode(harbour)).toEqual({ kind: 'new' });
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
