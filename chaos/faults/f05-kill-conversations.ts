import { signIn } from '../../dev/testing/person.ts';
import type { Chaos, Fault } from '../fault.ts';
import { killAgainAndAgain } from './kill.ts';
import { probe } from './probe.ts';

export const killConversations: Fault = {
  id: 'F5',
  title: 'kill -9 of conversations, again and again; then nobody is there to say who is a member',
  recoveryMsMax: 5000,
  inject: async (chaos) => {
    await killAgainAndAgain(chaos, 'conversations', chaos.isShort ? 3 : 20);
    await chaos.wait(3000);
    await freezeAll(chaos);
  },
};

/** A stranger, about whom nothing is cached anywhere, is refused also while nobody can be asked (I5). */
const freezeAll = async ({ stack, wait, mark, over, judge, conversations, isShort }: Chaos): Promise<void> => {
  const eve = await signIn(stack.url, 'eve');
  const path = `/api/messages/conversations/${conversations[0]}/messages`;
  const names = stack.namesOf('conversations');
  for (const name of names) stack.signal(name, 'SIGSTOP');
  mark('SIGSTOP of all conversations');
  const reading = probe(eve, { method: 'GET', path, perSecond: 4 });
  const body = () => ({ clientId: crypto.randomUUID(), body: 'of a stranger' });
  const writing = probe(eve, { method: 'POST', path, body, perSecond: 4 });
  await wait(isShort ? 3000 : 10_000);
  const probed = Promise.all([reading.stop(), writing.stop()]);
  // What was asked last is still waiting: the answers are to be those of a service that cannot ask.
  await wait(2000);
  for (const name of names) stack.signal(name, 'SIGCONT');
  over('SIGCONT of all conversations');
  const answers = (await probed).flat();
  const admitted = answers.filter(({ status }) => status >= 200 && status < 300).length;
  const closed = answers.filter(({ status }) => status === 404 || status === 503 || status === 504).length;
  judge({ invariant: 'I5', what: 'a stranger let in', value: admitted, max: 0 });
  judge({ invariant: 'I9', what: 'a stranger refused, share', value: closed / answers.length, min: 1 });
};
