// Runs alone: a pause of 0.3 s would look like a service that is gone.
import { afterAll, beforeAll, expect, it } from 'bun:test';
import { eventually } from '../dev/testing/eventually.ts';
import { conversationOf, type Person, signIn } from '../dev/testing/person.ts';
import { pidsOf, type TestStack, testStack } from '../dev/testing/stack.ts';

/** Of somebody about whom nothing is known, all at once: what hangs of it must not look like a service that is gone. */
const strangersAsks = 30;
/** Long enough for the questions of a stranger to be given up, and asked again. */
const frozenMs = 6000;

let stack: TestStack;
let ann: Person;
let eve: Person;
let path: string;

beforeAll(async () => {
  stack = await testStack();
  [ann, eve] = await Promise.all([signIn(stack.url, 'ann'), signIn(stack.url, 'eve')]);
  path = `/api/messages/conversations/${(await conversationOf('Quiet', ann)).id}/messages`;
}, 120_000);
afterAll(() => stack?.stop());

it('a member whose access is known reads on while nobody can be asked about a stranger’s, who is refused', async () => {
  // That she created it comes round as an event, which makes messages forget what it knew of her: a moment after what it writes of the same event.
  await eventually(async () => (await ann.call<{ headSeq: number }>('GET', path)).body.headSeq === 1);
  await Bun.sleep(1000);
  expect((await ann.call('GET', path)).status).toBe(200);
  const pids = await pidsOf(stack, 'conversations');
  const ofAnn: number[] = [];
  for (const pid of pids) process.kill(pid, 'SIGSTOP');
  const asked = Array.from({ length: strangersAsks }, () => eve.call('GET', path));
  for (const endsAt = Date.now() + frozenMs; Date.now() < endsAt; await Bun.sleep(50)) {
    ofAnn.push((await ann.call('GET', path)).status);
  }
  const refused = (await eve.call('POST', path, { clientId: crypto.randomUUID(), body: 'Let me in.' })).status;
  for (const pid of pids) process.kill(pid, 'SIGCONT');
  expect(new Set(ofAnn)).toEqual(new Set([200]));
  expect(refused).toBe(503);
  const ofEve = await Promise.all(asked);
  // Whoever still waited is told the truth: it is not hers.
  expect([404, 503]).toEqual(expect.arrayContaining([...new Set(ofEve.map(({ status }) => status))]));
}, 60_000);
