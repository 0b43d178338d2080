// Runs alone: it holds a removal to a second.
import { afterAll, beforeAll, describe, expect, it } from 'bun:test';
import type { Push } from '@chatapp/contract/frames';
import { type ChatSocket, okOf, openSocket } from '../dev/testing/chat-socket.ts';
import { eventually } from '../dev/testing/eventually.ts';
import { accept, conversationOf, expectStatus, invite, type Person, signIn } from '../dev/testing/person.ts';
import { type TestStack, testStack } from '../dev/testing/stack.ts';

const removals = process.env.PROOF === 'full' ? 100 : 6;
const perSecond = 100;
const lagMaxMs = 1000;
/** How long after a removal frames are still looked for before the person is let in again. */
const watchedMs = 1500;
/** Where messages themselves were answered later than this meanwhile, the machine stood still: that removal is done again, so many times in all. */
const stoodStillMs = 500;
const doneAgainMax = 3;

let stack: TestStack;
let ann: Person;
let bob: Person;
let leavers: Person[];
beforeAll(async () => {
  const noLimits = {
    COMMANDS_PER_MINUTE: '100000',
    CONVERSATION_COMMANDS_PER_MINUTE: '1000000',
    REQUESTS_PER_MINUTE: '100000',
    INVITATIONS_PER_HOUR: '100000',
  };
  stack = await testStack({ replicas: 2, env: noLimits });
  ann = await signIn(stack.url, 'ann');
  bob = await signIn(stack.url, 'bob');
  leavers = [await signIn(stack.url, 'carol'), await signIn(stack.url, 'dave'), await signIn(stack.url, 'eve')];
}, 180_000);
afterAll(() => stack?.stop());

/** The sockets of one person, four so that both nodes have some, and when any of them last got a frame of a conversation. */
const watch = async (person: Person, conversationId: string) => {
  const seen = { messages: 0, lastAt: 0, gone: 0 };
  const onPush = (push: Push) => {
    if (!('c' in push) || push.c !== conversationId) return;
    seen.lastAt = performance.now();
    if (push.e === 'message') seen.messages++;
    if (push.e === 'conversation' && 'gone' in push) seen.gone++;
  };
  const options = { onPush, keepPushes: false };
  const sockets: ChatSocket[] = [];
  for (let count = 0; count < 4; count++) sockets.push(await openSocket(person, options));
  await Promise.all(sockets.map((socket) => socket.request('resume', { conversations: [] })));
  return { seen, sockets };
};

/** Sends at an even pace until the signal aborts, and tells when each that is answered was sent; answers how many were sent, when all of them are acknowledged. */
const talk = async (
  sockets: readonly ChatSocket[],
  conversationId: string,
  { signal, onAnswer }: { signal: AbortSignal; onAnswer: (sentAt: number) => void },
): Promise<number> => {
  const answers: (Promise<Error | undefined> | undefined)[] = [];
  const beganAt = performance.now();
  while (!signal.aborted) {
    const due = ((performance.now() - beganAt) / 1000) * perSecond;
    for (; answers.length < due; ) {
      const socket = sockets[answers.length % sockets.length];
      const message = { conversationId, clientId: crypto.randomUUID(), body: `${answers.length}` };
      const sentAt = performance.now();
      const answer = socket?.request('message.send', message, 30_000).finally(() => onAnswer(sentAt));
      answers.push(answer?.then(okOf).then(noFault, asFault));
    }
    await Bun.sleep(5);
  }
  const fault = (await Promise.all(answers)).find((answer) => answer !== undefined);
  if (fault) throw fault;
  return answers.length;
};
const noFault = () => undefined;
const asFault = (error: Error) => error;

interface WayOut {
  readonly how: string;
  /** By the path of the conversation. */
  readonly go: (person: Person, path: string) => Promise<unknown>;
  /** Lets the person be invited again. */
  readonly after?: (person: Person, path: string) => Promise<unknown>;
}
const waysOut: readonly WayOut[] = [
  {
    how: 'removed',
    go: async ({ userId }, path) => expectStatus(await ann.call('DELETE', `${path}/members/${userId}`), 204),
  },
  {
    how: 'banned',
    go: async ({ userId }, path) => expectStatus(await ann.call('POST', `${path}/bans/${userId}`), 201),
    after: async ({ userId }, path) => expectStatus(await ann.call('DELETE', `${path}/bans/${userId}`), 204),
  },
  { how: 'left', go: async (person, path) => expectStatus(await person.call('POST', `${path}/leave`), 204) },
];

describe(`somebody is removed, is banned or leaves while ${perSecond} messages a second flow, ${removals} times (PROOF=full: 100)`, () => {
  it(
    'S28: gets the last frame at most a second after the commit, on either node, and no history',
    async () => {
      const { id } = await conversationOf('Busy', ann, bob);
      const talkers = [await openSocket(ann, { keepPushes: false }), await openSocket(bob, { keepPushes: false })];
      for (const talker of talkers) await talker.request('resume', { conversations: [] });
      const ending = new AbortController();
      const beganAt = performance.now();
      const answered: { readonly sentAt: number; readonly ms: number }[] = [];
      const onAnswer = (sentAt: number) => answered.push({ sentAt, ms: performance.now() - sentAt });
      const talking = talk(talkers, id, { signal: ending.signal, onAnswer });
      const slowestSince = (at: number) =>
        answered.reduce((slowest, { sentAt, ms }) => (sentAt + ms > at ? Math.max(slowest, ms) : slowest), 0);
      const lagsMs: number[] = [];
      const todo = Array.from({ length: removals }, (_, index) => waysOut[index % waysOut.length]);
      let doneAgain = 0;
      const removeAgainAndAgain = async (person: Person) => {
        const { seen, sockets } = await watch(person, id);
        for (let way = todo.shift(); way !== undefined; way = todo.shift()) {
          await accept(person, (await invite(ann, id, person.userId)).id);
          const before = seen.messages;
          await eventually(() => seen.messages > before + 2 * sockets.length, { timeoutMs: 20_000 });
          const gone = seen.gone + sockets.length;
          // Before the commit, so the lag is never taken for less than it is.
          const removedAt = performance.now();
          const path = `/api/conversations/conversations/${id}`;
          await way.go(person, path);
          const history = await person.call('GET', `/api/messages/conversations/${id}/messages`);
          await Bun.sleep(Math.max(0, removedAt + watchedMs - performance.now()));
          if (slowestSince(removedAt) > stoodStillMs && doneAgain < doneAgainMax) {
            doneAgain++;
            todo.push(way);
            await eventually(() => seen.gone === gone);
            await way.after?.(person, path);
            continue;
          }
          lagsMs.push(seen.lastAt - removedAt);
          expect(seen.gone).toBe(gone);
          const later = await person.call<{ code: string }>('GET', `/api/messages/conversations/${id}/messages`);
          expect([later.status, later.body.code]).toEqual([404, 'not-found']);
          historyStatuses.push(history.status);
          ways.set(way.how, (ways.get(way.how) ?? 0) + 1);
          await way.after?.(person, path);
        }
        for (const socket of sockets) socket.close();
      };
      const historyStatuses: number[] = [];
      const ways = new Map<string, number>();
      await Promise.all(leavers.map(removeAgainAndAgain));
      const seconds = (performance.now() - beganAt) / 1000;
      ending.abort();
      const sent = await talking;
      for (const socket of talkers) socket.close();
      lagsMs.sort((one, other) => one - other);
      const at = (share: number) => lagsMs[Math.ceil(lagsMs.length * share) - 1] ?? Number.NaN;
      const atOnce = historyStatuses.filter((status) => status === 404).length;
      console.log(
        `${lagsMs.length} times (${[...ways].map(([how, count]) => `${how} ${count}`).join(', ')}) at ${(sent / seconds).toFixed(0)} messages/s: last frame after ${at(0.5).toFixed(0)} ms (p50), ${at(0.99).toFixed(0)} ms (p99), ${at(1).toFixed(0)} ms (most); history 404 at once ${atOnce} times`,
      );
      expect(lagsMs).toHaveLength(removals);
      expect(ways.size).toBe(waysOut.length);
      expect(sent / seconds).toBeGreaterThan(0.9 * perSecond);
      expect(at(0.99)).toBeLessThanOrEqual(lagMaxMs);
    },
    60_000 + removals * 10_000,
  );
});
