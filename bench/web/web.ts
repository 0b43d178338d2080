import { join } from 'node:path';
import type { CDPSession, Page } from 'playwright-core';
import { browser as launch } from '../../dev/testing/browser.ts';
import { eventually } from '../../dev/testing/eventually.ts';
import { fillConversation } from '../../dev/testing/long-conversation-store.ts';
import { conversationOf, type Person, signIn } from '../../dev/testing/person.ts';
import { type TestStack, testStack } from '../../dev/testing/stack.ts';
import { createActor } from '../../e2e/actor.ts';
import { firstScriptBytes } from '../../web/build/first-script.ts';
import { valueVerdict } from '../goals/verdicts.ts';
import type { WebSizes } from '../sizes.ts';
import { percentile } from '../system/numbers.ts';
import { Rounds } from '../system/rounds.ts';
import type { Verdict } from '../verdict.ts';
import { framesWhile, slowDown, watchForBubble } from './meters.ts';

export interface WebOptions {
  readonly rounds: number;
  readonly sizes: WebSizes;
  readonly say: (line: string) => void;
}

export const webGoals = ['G13'];

const name = 'Long story';
const slowDownRate = 4;
const wheelPx = 480;
const us = 'ChatApp';

/** G13: the web client in a real Chromium at the whole product, in a conversation of 100 000 messages. */
export const benchWeb = async ({ rounds, sizes, say }: WebOptions): Promise<Verdict[]> => {
  const { messages } = sizes;
  const [stack, browser] = await Promise.all([
    testStack({ env: { COMMANDS_PER_MINUTE: '100000', CONVERSATION_COMMANDS_PER_MINUTE: '1000000' } }),
    launch(),
  ]);
  try {
    await seed(stack, messages);
    const ann = await createActor(browser, stack.url, 'ann');
    const session = await ann.context.newCDPSession(ann.page);
    await ann.signIn();
    await ann.open(name);
    await ann.page.locator('[data-seq]').last().waitFor();
    const room: Room = { page: ann.page, session, ...sizes };
    const frames = new Rounds<number>();
    const bubbles = new Rounds<number>();
    for (let round = 0; round < rounds; round++) {
      const pressed = (await sendSome(room, round)).toSorted(byNumber);
      bubbles.note(us, percentile(pressed, 0.95));
      const between = (await scrollAway(room)).toSorted(byNumber);
      frames.note(us, Math.max(...between));
      const late = between.filter((ms) => ms > 50).length;
      say(
        `round ${round + 1}: key to bubble p50 ${percentile(pressed, 0.5).toFixed(1)} ms, p95 ${percentile(pressed, 0.95).toFixed(1)} ms; ` +
          `${between.length} frames, p99 ${percentile(between, 0.99).toFixed(1)} ms, longest ${Math.max(...between).toFixed(1)} ms, ${late} over 50 ms`,
      );
    }
    const script = (await firstScriptBytes(join(import.meta.dir, '../../web/dist'))) / 1024;
    return verdictsOf({ script, frames, bubbles, messages });
  } finally {
    await browser.close();
    await stack.stop();
  }
};

const byNumber = (a: number, b: number) => a - b;

interface Room extends WebSizes {
  readonly page: Page;
  readonly session: CDPSession;
}

const seed = async (stack: TestStack, messages: number): Promise<void> => {
  const people = await Promise.all(['ann', 'bob', 'carol'].map((login) => signIn(stack.url, login)));
  const [ann, ...others] = people as [Person, ...Person[]];
  const { id } = await conversationOf(name, ann, ...others);
  const path = `/api/messages/conversations/${id}/messages`;
  // Who created it and who joined are written from events, a moment later.
  await eventually(async () => {
    const { body } = await ann.call<{ headSeq: number }>('GET', path);
    return body.headSeq >= people.length;
  });
  const databaseUrl = (await stack.run()).postgres?.url ?? '';
  const senderIds = people.map(({ userId }) => userId);
  await fillConversation({ databaseUrl, conversationId: id, senderIds, messages });
};

/** Writes some messages, and measures each from Enter to the painted line. */
const sendSome = async ({ page, sends }: Room, round: number): Promise<number[]> => {
  const field = page.getByRole('textbox', { name: /^Message / });
  await field.focus();
  const times: number[] = [];
  for (let at = 0; at < sends; at++) {
    const text = `Round ${round + 1}, message ${at + 1}, written by hand.`;
    await page.keyboard.insertText(text);
    const bubble = await watchForBubble(page, text);
    await page.keyboard.press('Enter');
    times.push(await bubble.measured());
  }
  return times;
};

/** Scrolls up through the history and down again by the wheel, on a processor that seems four times slower. */
const scrollAway = async ({ page, session, scrollMs }: Room): Promise<number[]> => {
  await page.locator('.timeline').hover();
  await slowDown(session, slowDownRate);
  const wheel = async (by: number, ms: number) => {
    for (const end = performance.now() + ms; performance.now() < end; ) await page.mouse.wheel(0, by);
  };
  const frames = await framesWhile(page, async () => {
    await wheel(-wheelPx, scrollMs);
    await wheel(wheelPx, scrollMs / 4);
  });
  await slowDown(session, 1);
  await page.getByRole('button', { name: /^Jump to the latest|new messages?$/ }).click();
  return frames;
};

const verdictsOf = (found: {
  script: number;
  frames: Rounds<number>;
  bubbles: Rounds<number>;
  messages: number;
}): Verdict[] => {
  const same = (ms: number) => ms;
  const all = found.frames.figures(same);
  const longest = Math.max(...(all.rounds[us] ?? []));
  const note = `${found.messages} messages, Chromium`;
  const size = { medians: { [us]: found.script }, rounds: { [us]: [found.script] } };
  return [
    valueVerdict({
      ...{ goal: 'G13', title: 'first script of the web client', measure: 'KB gzip', unit: 'KB', of: us },
      ...{ target: { atMost: 60 }, figures: size },
    }),
    valueVerdict({
      ...{ goal: 'G13-scroll', title: 'longest frame while scrolling', unit: 'ms', of: us, note },
      ...{ measure: `ms, the longest of all rounds at ${slowDownRate} × CPU slow-down`, target: { atMost: 50 } },
      figures: { ...all, medians: { [us]: longest } },
    }),
    valueVerdict({
      ...{ goal: 'G13-key', title: 'Enter to the painted message', measure: 'ms, p95', unit: 'ms', of: us, note },
      ...{ target: { atMost: 50 }, figures: found.bubbles.figures(same) },
    }),
  ];
};
