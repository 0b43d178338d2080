import { join } from 'node:path';
import { codeFlowTokens } from '../../dev/issuer/sign-in.ts';
import { keyFileOf } from '../../dev/keys.ts';
import { openSocket } from '../../dev/testing/chat-socket.ts';
import { type Person, signIn } from '../../dev/testing/person.ts';
import { percentile } from '../checker/percentile.ts';
import type { Chaos, Fault } from '../fault.ts';
import type { ChaosStack } from '../stack/stack.ts';
import { type Payload, payloads } from './hostile-payloads.ts';
import { othersLag } from './others-lag.ts';
import { loopLags, watchMemory } from './strain.ts';

const grownMbMax = 50;
const loopLagMsMax = 50;
/** A payload that stops a loop does so each time, or all but one; what the machine does besides does not. */
const times = 5;
/** How often it is looked before what the loops do when nobody is hostile: on a machine that has other work to do that is not nothing. */
const quietTimes = 10;
/** What a payload leaves to be done is done within this time. */
const lingerMs = 50;

/** Who takes bodies, and as whom they come. */
interface Target {
  readonly what: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

export const hostilePayloads: Fault = {
  id: 'F41',
  title: 'huge bodies, deep JSON, a zip bomb: at the BFF, at each service behind it, and as frames',
  differs:
    'the loop lag is what is more than at nothing, in the lowest but one of five times. Beside it the p99 of what others are shown may grow by a fifth and 50 ms.',
  recoveryMsMax: 2000,
  ackP99MsMax: 1000,
  judge: othersLag,
  inject: async (chaos) => {
    const { stack, isShort, mark, over, judge } = chaos;
    const ann = await signIn(stack.url, 'ann');
    const targets = await targetsOf(chaos, ann);
    const all = payloads(isShort);
    const quiet = longestOf(await inTurn(quietTimes, () => longestStop(stack, 'nothing', async () => undefined)));
    const memory = watchMemory(stack);
    mark(`${all.length} bodies, ${times} times each, at ${targets.map(({ what }) => what).join(', ')}`);
    const attacks = targets.flatMap((target) =>
      all.map((payload) => ({ what: `${payload.what} at ${target.what}`, act: () => refuse(chaos, target, payload) })),
    );
    const stops: Stop[] = [];
    for (const { what, act } of attacks) stops.push(await longestStop(stack, what, act));
    mark('frames at a realtime node');
    for (const frame of frames) stops.push(await longestStop(stack, 'a frame', () => frame(chaos, ann)));
    over('the last payload');
    const { name, grownMb } = memory.stop();
    const worst = longestOf(stops);
    mark(
      `an event loop stood still for ${Math.round(quiet.ms)} ms at nothing, ${Math.round(worst.ms)} ms at ${worst.what}`,
    );
    judge({
      what: `the event loop of ${worst.name} stood still at ${worst.what}, ms more than at nothing`,
      ...{ value: worst.ms - quiet.ms, maxMs: loopLagMsMax },
    });
    judge({ invariant: 'I8', what: `memory of ${name} grew by at most, MB`, value: grownMb, max: grownMbMax });
  },
};

/** Two routes of the BFF, and past it, with a token of the same person, the two services that take bodies. */
const targetsOf = async ({ stack, conversations }: Chaos, { cookies }: Person): Promise<Target[]> => {
  const send = `/conversations/${conversations[0]}/messages`;
  const cookie = { cookie: cookies.header(stack.url), 'x-csrf': '1', origin: stack.url };
  const { accessToken } = await codeFlowTokens({
    issuer: stack.address('issuer'),
    keyFile: keyFileOf(join(stack.options.folder, 'keys'), 'bff'),
    login: 'ann',
    redirectUri: `${stack.url}/bff/callback`,
  });
  const bearer = { authorization: `Bearer ${accessToken}` };
  return [
    { what: 'bff to messages', url: `${stack.url}/api/messages${send}`, headers: cookie },
    { what: 'bff to conversations', url: `${stack.url}/api/conversations/conversations`, headers: cookie },
    { what: 'messages', url: `${stack.address('messages')}${send}`, headers: bearer },
    { what: 'conversations', url: `${stack.address('conversations')}/conversations`, headers: bearer },
  ];
};

/** How long the event loop of a process stood still. */
interface Stop {
  readonly what: string;
  readonly name: string;
  readonly ms: number;
}

const longestOf = (stops: readonly Stop[]): Stop =>
  stops.reduce((longest, one) => (one.ms > longest.ms ? one : longest));

const inTurn = async <T>(count: number, act: () => Promise<T>): Promise<T[]> => {
  const all: T[] = [];
  while (all.length < count) all.push(await act());
  return all;
};

/** Does it again and again; answers whose loop stood still the longest, in the lowest but one of all times. */
const longestStop = async (stack: ChaosStack, what: string, act: () => Promise<void>): Promise<Stop> => {
  const lagsOf = new Map<string, number[]>();
  await loopLags(stack);
  for (let count = 0; count < times; count++) {
    await act();
    await Bun.sleep(lingerMs);
    for (const [name, ms] of await loopLags(stack)) lagsOf.set(name, [...(lagsOf.get(name) ?? []), ms]);
  }
  return longestOf(Array.from(lagsOf, ([name, lags]) => ({ what, name, ms: percentile(lags, 1 / times) ?? 0 })));
};

/** To be told, and told that; a connection that breaks off says nothing. */
const refuse = async ({ violate }: Chaos, { what, url, headers }: Target, payload: Payload): Promise<void> => {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json', ...payload.headers },
    body: payload.body(),
    signal: AbortSignal.timeout(30_000),
  }).then(
    ({ status }) => status,
    (error: Error) => error.message,
  );
  if (answer !== payload.status)
    violate('I9', `${payload.what} at ${what} was answered with ${answer}, not ${payload.status}`);
};

/** Bun cuts a frame that is too long, with the close code 1009 where the other side still reads. */
const cutCodes: readonly number[] = [1006, 1009];
const brokenProtocol: readonly number[] = [4510];

/** At a realtime node, past the BFF, each on a socket of its own. */
const frames: readonly ((chaos: Chaos, person: Person) => Promise<void>)[] = [
  (chaos, person) => closed(chaos, person, { what: '65 537 bytes', text: 'x'.repeat(65_537), codes: cutCodes }),
  (chaos, person) => closed(chaos, person, { what: '5 MB', text: 'x'.repeat(5_000_000), codes: cutCodes }),
  (chaos, person) =>
    closed(chaos, person, {
      what: 'JSON 65 000 deep',
      text: `{"id":1,"op":${'['.repeat(65_000)}`,
      codes: brokenProtocol,
    }),
  async ({ stack, conversations, violate }, person) => {
    const socket = await openAtNode(stack, person);
    const fields = { conversationId: conversations[0] ?? '', clientId: crypto.randomUUID(), body: 'x'.repeat(65_000) };
    const reply = await socket.request('message.send', fields);
    if (!('error' in reply) || reply.error.code !== 'invalid')
      violate('I9', 'a frame with a text of 65 000 characters was not refused as invalid', reply);
    socket.close();
    await socket.closed;
  },
];

interface Breach {
  readonly what: string;
  readonly text: string;
  readonly codes: readonly number[];
}

const closed = async ({ stack, violate }: Chaos, person: Person, { what, text, codes }: Breach): Promise<void> => {
  const socket = await openAtNode(stack, person);
  socket.sendRaw(text);
  const { code } = await socket.closed;
  if (!codes.includes(code))
    violate('I9', `a frame of ${what} closed its socket with ${code}, not ${codes.join(' or ')}`);
};

const openAtNode = (stack: ChaosStack, person: Person) =>
  openSocket(person, { url: `${stack.address('realtime').replace(/^http/, 'ws')}/realtime` });
