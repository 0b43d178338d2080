import { afterAll, beforeAll, describe, expect, it } from 'bun:test';
import type { Browser } from 'playwright-core';
import { browser as launch } from '../dev/testing/browser.ts';
import { conversationOf, expectStatus, type Person, signIn } from '../dev/testing/person.ts';
import { type TestStack, testStack } from '../dev/testing/stack.ts';
import { createActor } from './actor.ts';

let stack: TestStack;
let browser: Browser;
let ann: Person;
let bob: Person;
beforeAll(async () => {
  [stack, browser] = await Promise.all([testStack(), launch()]);
  [ann, bob] = [await signIn(stack.url, 'ann'), await signIn(stack.url, 'bob')];
}, 120_000);
afterAll(async () => {
  await browser?.close();
  await stack?.stop();
});

const call = 'window.__pwned=1';
const attacks = [
  ...[`<script>${call}</script>`, `<img src=x onerror="${call}">`, `<svg onload="${call}">`, `<svg><script>${call}</script></svg>`],
  ...[`<svg><animate onbegin="${call}" attributeName=x dur=1s>`, `<iframe srcdoc="<script>parent.${call}</script>">`],
  ...[`<body onload="${call}">`, `<details open ontoggle="${call}">`, `<input autofocus onfocus="${call}">`],
  ...[`<math><mi xlink:href="javascript:${call}">x`, `<a href="javascript:${call}">x</a>`, `<object data="javascript:${call}">`],
  ...[`javascript:${call}//https://x.example`, `data:text/html,<script>${call}</script>`, `vbscript:${call}`],
  ...[`https://x.example/"onmouseover="${call}`, `https://x.example/'><script>${call}</script>`, `{{constructor.constructor('${call}')()}}`],
  ...[`\${${call}}`, `https://\u0440\u0430ypal.example/`, `\u202ehttps://evil.example/\u202c`],
]; // biome-ignore format: a list to look over
/** Each stands in a place of its own, and is broken off or hidden in ways that parsers mend. */
const wraps: ((attack: string) => string)[] = [
  (attack) => attack,
  (attack) => `"'>${attack}`,
  (attack) => `</p></div>${attack}`,
  (attack) => `\`${attack}\``,
  (attack) => `**[x](${attack})**`,
  (attack) => `<!--><![CDATA[${attack}`,
  (attack) => attack.toUpperCase(),
  (attack) => attack.replaceAll('<', '\uff1c<'),
  (attack) => attack.replaceAll('<', '&lt;').replaceAll('script', 'scr\u200bipt'),
  (attack) => attack.replaceAll('javascript:', 'java\tscript:').replaceAll('<', '<\n'),
];
const payloads = wraps.flatMap((wrap) => attacks.map(wrap));
// Fewer messages than a burst has.
const perMessage = 15;
const bodies = Array.from({ length: Math.ceil(payloads.length / perMessage) }, (_, at) =>
  payloads.slice(at * perMessage, (at + 1) * perMessage).join('\n'),
);

describe('messages of an attacker', () => {
  it('S41: are shown as the text that they are, to whoever opens them', async () => {
    expect(payloads.length).toBeGreaterThanOrEqual(200);
    const { id } = await conversationOf(`<img src=x onerror="${call}">`, ann, bob);
    for (const body of [...bodies, 'The last one.']) {
      const message = { clientId: crypto.randomUUID(), body };
      expectStatus(await ann.call('POST', `/api/messages/conversations/${id}/messages`, message), 201);
    }
    const victim = await createActor(browser, stack.url, 'bob');
    const dialogs: string[] = [];
    victim.page.on('dialog', async (dialog) => {
      dialogs.push(dialog.message());
      await dialog.dismiss();
    });
    await victim.signIn();
    await victim.page.goto(`${stack.url}/c/${id}`);
    await victim.message('The last one.').waitFor();
    const shown = (await victim.texts()).join('\n');
    for (const attack of attacks.filter((text) => !/[\u202e\u202c]/.test(text))) expect(shown).toContain(attack);

    const found = await victim.page.evaluate(() => {
      const log = document.querySelector('[role=log]');
      for (const element of log?.querySelectorAll('*') ?? []) element.dispatchEvent(new MouseEvent('mouseover'));
      return {
        pwned: '__pwned' in window,
        made: log?.querySelectorAll('script, iframe, object, math, details, [onerror], [onload], [onfocus]').length,
        schemes: [...new Set([...(log?.querySelectorAll('a') ?? [])].map((link) => link.protocol))].sort(),
      };
    });
    expect(found).toEqual({ pwned: false, made: 0, schemes: ['https:'] });
    expect([dialogs, victim.faults]).toEqual([[], []]);
  }, 90_000);
});
