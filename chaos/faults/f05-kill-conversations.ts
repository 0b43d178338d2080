import { type Person, signIn } from '../../dev/testing/person.ts';
import type { Chaos, Fault } from '../fault.ts';
import { killAgainAndAgain } from './kill.ts';
import { member, type Probed, probe } from './probe.ts';
import { endsFoundLate } from './sessions-lost.ts';

/** What a service believes without asking again; ACCESS_CACHE_SECONDS. */
const accessCacheMs = 60_000;
/** So much longer the freeze lasts in the whole form. */
const beyondCacheMs = 8000;
const settleMs = 3000;
const readsOnMin = 0.95;

export const killConversations: Fault = {
  id: 'F5',
  title:
    'kill -9 of conversations, again and again; then, for longer than access is cached, nobody is there to say who is a member',
  recoveryMsMax: 5000,
  // It alone tells who left.
  check: { leavingSlackMs: endsFoundLate.leavingSlackMs },
  inject: async (chaos) => {
    await killAgainAndAgain(chaos, 'conversations', chaos.isShort ? 3 : 20);
    await chaos.wait(settleMs);
    await freezeAll(chaos);
  },
};

/** A stranger, about whom nothing is cached anywhere, is refused also while nobody can be asked (I5); a member reads on for as long as the cache is believed. */
const freezeAll = async (chaos: Chaos): Promise<void> => {
  const { stack, wait, mark, over, conversations, isShort } = chaos;
  const eve = await signIn(stack.url, 'eve');
  const { person, path } = await member(stack.url);
  const names = stack.namesOf('conversations');
  // Each instance of messages has asked once before.
  const asMember = probe(person, { method: 'GET', path: `${path}?limit=1`, perSecond: 4 });
  await wait(settleMs);
  for (const name of names) stack.signal(name, 'SIGSTOP');
  mark('SIGSTOP of all conversations');
  const frozenAt = Date.now();
  const asStranger = probeAsStranger(eve, `/api/messages/conversations/${conversations[0]}/messages`);
  await wait(isShort ? 3000 : accessCacheMs + beyondCacheMs);
  const asked = Promise.all([asMember.stop(), asStranger.stop()]);
  // What was asked last is still waiting: the answers are to be those of a service that cannot ask.
  await wait(2000);
  const thawedAt = Date.now();
  for (const name of names) stack.signal(name, 'SIGCONT');
  over('SIGCONT of all conversations');
  const [ofMember, ofStranger] = await asked;
  judgeStranger(chaos, ofStranger);
  // Who waited until it was over was let in by who may say so.
  const meanwhile = ofMember.filter(({ at, ms }) => at >= frozenAt && at + ms < thawedAt);
  judgeMember(chaos, meanwhile, frozenAt);
};

const probeAsStranger = (eve: Person, path: string): { stop(): Promise<Probed[]> } => {
  const body = () => ({ clientId: crypto.randomUUID(), body: 'of a stranger' });
  const probes = [
    probe(eve, { method: 'GET', path, perSecond: 4 }),
    probe(eve, { method: 'POST', path, body, perSecond: 4 }),
  ];
  return { stop: async () => (await Promise.all(probes.map((each) => each.stop()))).flat() };
};

const wasLetIn = ({ status }: Probed): boolean => status >= 200 && status < 300;

const judgeStranger = ({ judge }: Chaos, answers: readonly Probed[]): void => {
  const closed = answers.filter(({ status }) => status === 404 || status === 503 || status === 504).length;
  judge({ invariant: 'I5', what: 'a stranger let in', value: answers.filter(wasLetIn).length, max: 0 });
  judge({ invariant: 'I9', what: 'a stranger refused, share', value: closed / answers.length, min: 1 });
};

/**
 * Let in for as long as the cache is believed, which began before the freeze; then refused, at first with 504, as a question is waited for, and with 503 as
 * soon as the circuit is open.
 */
const judgeMember = ({ judge, isShort }: Chaos, answers: readonly Probed[], frozenAt: number): void => {
  const lastLetInMs = Math.max(...answers.filter(wasLetIn).map(({ at, ms }) => at + ms)) - frozenAt;
  judge({ invariant: 'I5', what: 'a member was let in for, ms', value: lastLetInMs, max: accessCacheMs });
  // The short form ends before the cache does.
  if (isShort) return;
  const cached = answers.filter(({ at }) => at - frozenAt < accessCacheMs - 2 * settleMs);
  const share = cached.filter(wasLetIn).length / cached.length;
  // Not all: what the stranger asks hangs, and may open the BFF's circuit of the whole route for a moment.
  judge({ what: 'reads of a member before that, let in, share', value: share, min: readsOnMin });
  const after = answers.filter(({ at }) => at - frozenAt > accessCacheMs);
  const of = (...statuses: number[]) => after.filter(({ status }) => statuses.includes(status));
  judge({ invariant: 'I5', what: 'refused after it, share', value: of(503, 504).length / after.length, min: 1 });
  judge({ invariant: 'I9', what: 'of them with 503, share', value: of(503).length / after.length, min: 0.5 });
  const silent = of(503).filter(({ retryAfter }) => retryAfter === null);
  judge({ invariant: 'I9', what: '503 without Retry-After', value: silent.length, max: 0 });
};
