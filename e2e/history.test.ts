import { afterAll, beforeAll, describe, expect, it } from 'bun:test';
import type { UnreadRow } from '@chatapp/contract/shapes';
import type { Browser, Locator, Page } from 'playwright-core';
import { browser as launch } from '../dev/testing/browser.ts';
import { eventually } from '../dev/testing/eventually.ts';
import { fillConversation } from '../dev/testing/long-conversation-store.ts';
import { conversationOf, type Person, signIn } from '../dev/testing/person.ts';
import { type TestStack, testStack } from '../dev/testing/stack.ts';
import { type Actor, createActor } from './actor.ts';

const name = 'Long story';
const messages = 300;
/** So many come while the reader has no network, and take more than a screen. */
const missed = 8;
/** The reader has read so far. */
const read = 120;

let stack: TestStack;
let browser: Browser;
let ann: Actor;
let conversationId: string;
let annOutside: Person;
let bob: Person;
/** Where the API has the messages. */
let path: string;
beforeAll(async () => {
  [stack, browser] = await Promise.all([testStack({ env: { COMMANDS_PER_MINUTE: '6000' } }), launch()]);
  const people = [await signIn(stack.url, 'ann'), await signIn(stack.url, 'bob')] as const;
  [annOutside, bob] = people;
  const { id } = await conversationOf(name, ...people);
  conversationId = id;
  // Who created it and who joined are written from events, a moment later.
  path = `/api/messages/conversations/${id}/messages`;
  await eventually(async () => (await people[0].call<{ headSeq: number }>('GET', path)).body.headSeq >= people.length);
  await fillConversation({
    databaseUrl: (await stack.run()).postgres?.url ?? '',
    conversationId: id,
    senderIds: people.map(({ userId }) => userId),
    messages,
  });
  await people[0].call('PUT', `/api/messages/conversations/${id}/read`, { seq: read });
  ann = await createActor(browser, stack.url, 'ann');
  await ann.signIn();
}, 120_000);
afterAll(async () => {
  await browser?.close();
  await stack?.stop();
});

/** The positions of the messages that are in the page, from top to bottom. */
const seqs = (page: Page): Promise<number[]> =>
  page.locator('[data-seq]').evaluateAll((rows) => rows.map((row) => Number((row as HTMLElement).dataset.seq)));

/** How far the server knows that the reader has read. */
const lastReadSeq = async (): Promise<number> => {
  const { items } = (await annOutside.call<{ items: UnreadRow[] }>('GET', '/api/messages/unread')).body;
  return items[0]?.lastReadSeq ?? 0;
};

/** Reads to the end, and answers where that is. */
const readAll = async (): Promise<number> => {
  const { headSeq } = (await annOutside.call<{ headSeq: number }>('GET', path)).body;
  await eventually(async () => {
    await ann.page.mouse.wheel(0, 1500);
    return (await lastReadSeq()) === headSeq;
  });
  return headSeq;
};
const bobSays = async (count: number): Promise<void> => {
  for (let n = 1; n <= count; n++) {
    const said = { clientId: crypto.randomUUID(), body: `Missed ${n}.${'\nThe tide is out.'.repeat(8)}` };
    expect((await bob.call('POST', path, said)).status).toBeLessThan(300);
  }
};

/** Turns the wheel until `isDone`. Answers what was in the page on the way, look for look. */
const wheel = async (page: Page, by: number, isDone: (shown: readonly number[]) => boolean): Promise<number[][]> => {
  const looks: number[][] = [];
  await page.locator('.timeline').hover();
  await eventually(
    async () => {
      await page.mouse.wheel(0, by);
      const shown = await seqs(page);
      looks.push(shown);
      return isDone(shown);
    },
    { timeoutMs: 60_000 },
  );
  return looks;
};
const isInSight = (element: Locator): Promise<boolean> =>
  element.evaluate((one) => {
    const { top, bottom } = one.getBoundingClientRect();
    return top >= 0 && bottom <= innerHeight;
  });
const isWhole = (shown: readonly number[]) => shown.every((seq, index) => seq === (shown[0] ?? 0) + index);

describe('a long conversation', () => {
  it('opens where reading had got to, though more came since than a page holds', async () => {
    await ann.open(name);
    const mark = ann.page.locator('.separator-new');
    await mark.waitFor();
    await eventually(async () => {
      const [before, after] = await mark.evaluate((separator) => {
        const rows = [...document.querySelectorAll<HTMLElement>('[data-seq]')];
        const next = rows.findIndex((row) => separator.compareDocumentPosition(row) & Node.DOCUMENT_POSITION_FOLLOWING);
        return [rows[next - 1], rows[next]].map((row) => Number(row?.dataset.seq));
      });
      // Their own message, if the next one is, is nothing new.
      return before !== undefined && [read, read + 1].includes(before) && after === before + 1;
    });
    await eventually(() => isInSight(mark));
  }, 60_000);

  it('has read only what was in sight', async () => {
    await eventually(async () => (await lastReadSeq()) > read);
    expect(await lastReadSeq()).toBeLessThan(read + 60);
  }, 60_000);

  it('has read no more after a reload at which the count of the unread comes late', async () => {
    await ann.page.route('**/unread*', async (route) => {
      await Bun.sleep(1000);
      await route.continue();
    });
    await ann.page.reload();
    const mark = ann.page.locator('.separator-new');
    await mark.waitFor();
    await eventually(() => isInSight(mark));
    await ann.page.unrouteAll({ behavior: 'wait' });
    expect(await lastReadSeq()).toBeLessThan(read + 60);
  }, 60_000);

  it('keeps what is read in its place while older messages are asked for and come', async () => {
    const [first = 0] = await seqs(ann.page);
    const strayed = await ann.page.locator('.timeline').evaluate(async (viewport) => {
      viewport.scrollTop = 0;
      // The first one loses its day and its name to those that come above it.
      const row = viewport.querySelectorAll('[data-seq]')[1];
      const stood = row?.getBoundingClientRect().top ?? Number.NaN;
      const firstSeq = () => viewport.querySelector<HTMLElement>('[data-seq]')?.dataset.seq;
      const before = firstSeq();
      const givenUpAt = performance.now() + 10_000;
      let furthest = 0;
      // Until they came, and half a second more.
      for (let end = givenUpAt; performance.now() < end; ) {
        await new Promise(requestAnimationFrame);
        furthest = Math.max(furthest, Math.abs((row?.getBoundingClientRect().top ?? Number.NaN) - stood));
        if (end === givenUpAt && firstSeq() !== before) end = performance.now() + 500;
      }
      return furthest;
    });
    expect(strayed).toBeLessThan(2);
    expect((await seqs(ann.page))[0]).toBeLessThan(first);
  }, 60_000);

  it('scrolls to its beginning and back to its end, with a part of it in the page', async () => {
    const up = await wheel(ann.page, -1500, ([first]) => first === 1);
    await ann.page.getByText('It begins here.').waitFor();
    const down = await wheel(ann.page, 1500, (shown) => (shown.at(-1) ?? 0) > messages);
    const looks = [...up, ...down];
    expect(looks.filter((shown) => !isWhole(shown))).toEqual([]);
    expect(Math.max(...looks.map((shown) => shown.length))).toBeLessThan(160);
    await ann.message(`Message ${messages} of the long one.`).waitFor();
  }, 150_000);

  it.each(['the messages', 'their count'])(
    'shows from its beginning what was missed without a network, %s first',
    async (first) => {
      const counts = '**/api/messages/unread*';
      const tickets = '**/bff/realtime-ticket';
      // Reading on asks for the count, which goes on being asked for until it comes.
      await ann.page.route(counts, (route) => route.abort());
      const headSeq = await readAll();
      await ann.context.setOffline(true);
      await bobSays(missed);
      const mark = ann.page.locator('.separator-new');
      if (first === 'their count') {
        const counted = ann.page.waitForResponse(counts);
        await ann.page.route(tickets, async (route) => {
          await counted;
          await route.continue();
        });
        await ann.page.unroute(counts);
      }
      await ann.context.setOffline(false);
      await mark.waitFor();
      await eventually(() => isInSight(mark));
      await eventually(async () => (await lastReadSeq()) > headSeq);
      expect(await lastReadSeq()).toBeLessThan(headSeq + missed);
      await ann.page.unrouteAll();
    },
    60_000,
  );

  describe('while another window has the focus', () => {
    const setFocus = (isHere: boolean) =>
      ann.page.evaluate((hasFocus) => {
        document.hasFocus = () => hasFocus;
        dispatchEvent(new Event(hasFocus ? 'focus' : 'blur'));
      }, isHere);

    it('stays at the beginning of what comes, one by one, and has read no more of it', async () => {
      const headSeq = await readAll();
      await setFocus(false);
      await bobSays(missed);
      await eventually(async () => Math.max(...(await seqs(ann.page))) === headSeq + missed);
      await setFocus(true);
      await eventually(() => isInSight(ann.page.locator('.separator-new')));
      await eventually(async () => (await lastReadSeq()) > headSeq);
      expect(await lastReadSeq()).toBeLessThan(headSeq + missed);
    }, 60_000);

    it('follows its end where somebody scrolls on to it all the same', async () => {
      const { headSeq } = (await annOutside.call<{ headSeq: number }>('GET', path)).body;
      await setFocus(false);
      const latest = ann.page.locator('.latest');
      await latest.click();
      await latest.waitFor({ state: 'hidden' });
      await bobSays(1);
      await eventually(() => isInSight(ann.page.locator(`[data-seq="${headSeq + 1}"]`)));
      await setFocus(true);
      await eventually(async () => (await lastReadSeq()) === headSeq + 1);
    }, 60_000);
  });
});

describe('what is read', () => {
  /** The first message in sight and where it stands, and one above it. */
  const firstInSight = () =>
    ann.page.locator('.timeline').evaluate((viewport) => {
      const { top } = viewport.getBoundingClientRect();
      const rows = [...viewport.querySelectorAll<HTMLElement>('[data-seq]')];
      const at = rows.findIndex((row) => row.getBoundingClientRect().bottom > top);
      const [above, row] = [rows[at - 3], rows[at]];
      return {
        seq: Number(row?.dataset.seq),
        above: Number(above?.dataset.seq),
        top: row?.getBoundingClientRect().top,
      };
    });
  const topOf = (seq: number) =>
    ann.page.locator(`[data-seq="${seq}"]`).evaluate((row) => row.getBoundingClientRect().top);

  it('stays in its place when somebody reacts above it, and when the page gets narrower', async () => {
    await wheel(ann.page, -1500, ([first = 0]) => first < messages / 2);
    await Bun.sleep(500);
    const { seq, above, top = 0 } = await firstInSight();
    const heightOf = () => ann.page.locator(`[data-seq="${above}"]`).evaluate((row) => row.clientHeight);
    const height = await heightOf();
    const path = `/api/messages/conversations/${conversationId}/messages/${above}/reactions/%F0%9F%91%8D`;
    expect((await bob.call('PUT', path)).status).toBeLessThan(300);
    await eventually(async () => (await heightOf()) > height);
    expect(Math.abs((await topOf(seq)) - top)).toBeLessThan(2);
    await ann.page.setViewportSize({ width: 760, height: 720 });
    await Bun.sleep(500);
    const narrow = await firstInSight();
    await ann.page.setViewportSize({ width: 1280, height: 720 });
    await Bun.sleep(500);
    expect(Math.abs((await topOf(narrow.seq)) - (narrow.top ?? 0))).toBeLessThan(2);
  }, 90_000);

  it('runs from right to left where its words do', async () => {
    expect(
      (
        await bob.call('POST', `/api/messages/conversations/${conversationId}/messages`, {
          ...{ clientId: crypto.randomUUID(), body: 'שלום!' },
        })
      ).status,
    ).toBeLessThan(300);
    await ann.page.locator('.latest').click();
    const [word = 0, mark = 0] = await ann.message('שלום!').evaluate((row) => {
      const text = document
        .createTreeWalker(row.querySelector('.message-text') ?? row, NodeFilter.SHOW_TEXT)
        .nextNode();
      const left = (from: number, to: number) => {
        const range = new Range();
        if (text) range.setStart(text, from);
        if (text) range.setEnd(text, to);
        return range.getBoundingClientRect().left;
      };
      return [left(0, 1), left(4, 5)];
    });
    expect(mark).toBeLessThan(word);
  }, 60_000);
});
