import type { Person } from '../../dev/testing/person.ts';
import type { Chaos, Fault } from '../fault.ts';
import { kindOf } from '../stack/edges.ts';
import { expectVisible, tellsOf } from './health.ts';
import { member, probe } from './probe.ts';
import { endsFoundLate } from './sessions-lost.ts';

/** A call gives a frozen process up, and is answered by the other one. */
const answeredWithinMs = 3000;
/** Then no more calls go there: its circuit is open, or the choice among the instances passes it over. */
const goneRoundWithinMs = 3000;
const heldUpMs = 1000;
const deadlineMs = 11_000;

export const freezeServices: Fault = {
  id: 'F6',
  title: 'SIGSTOP of each service for 10 s',
  differs: 'a frozen BFF is seen by whoever asks for its /health/ready, as a balancer does; that is not judged.',
  recoveryMsMax: 5000,
  // Requests that a frozen BFF holds end with the client's own patience; no others may take so long, which is judged below.
  check: { unansweredMsMax: 16_000, ...endsFoundLate },
  inject: async (chaos) => {
    const { stack, wait, mark, over, isShort } = chaos;
    const { person, path } = await member(stack.url);
    const paths: Record<string, string> = {
      messages: `${path}?limit=1`,
      conversations: '/api/conversations/conversations',
    };
    for (const name of isShort ? ['messages'] : ['messages', 'realtime', 'conversations', 'bff']) {
      stack.signal(name, 'SIGSTOP');
      mark(`SIGSTOP ${name}`);
      const asked = askThrough(chaos, person, name, paths[name]);
      // To those who do not hang. No part asks a BFF all the time, so of a frozen one nobody could tell.
      const kind = kindOf(name);
      const visible =
        kind === 'bff'
          ? undefined
          : expectVisible(chaos, stack.namesOf('bff'), `the silence of ${name}`, tellsOf(kind));
      await wait(isShort ? 6000 : 10_000);
      await visible?.stop();
      stack.signal(name, 'SIGCONT');
      over(`SIGCONT ${name}`);
      await asked?.judge();
      await wait(isShort ? 1000 : 8000);
    }
  },
  judge: ({ events, marks }) => {
    const frozenAt = marks.find(({ what }) => what === 'SIGSTOP bff')?.at ?? Number.POSITIVE_INFINITY;
    const late = events.filter(({ k, at, ...rest }) => {
      const ms = k === 'error' && 'ms' in rest ? rest.ms : 0;
      return ms > deadlineMs && at < frozenAt;
    });
    return [
      { invariant: 'I9', what: 'requests over the deadline while no BFF was frozen', value: late.length, max: 0 },
    ];
  },
};

/** Requests that the frozen process would get half of, where it is one that the BFF asks over HTTP: soon none goes there, and all are answered in time. */
const askThrough = ({ judge }: Chaos, person: Person, name: string, path: string | undefined) => {
  if (path === undefined) return undefined;
  const startedAt = Date.now();
  const asking = probe(person, { method: 'GET', path, perSecond: 20 });
  return {
    async judge(): Promise<void> {
      const answers = await asking.stop();
      const heldUp = answers.filter(({ ms }) => ms >= heldUpMs).map(({ at }) => at - startedAt);
      judge({ what: `${name} is gone round after, ms`, value: Math.max(0, ...heldUp), maxMs: goneRoundWithinMs });
      const slowestMs = Math.max(...answers.map(({ ms }) => ms));
      judge({ invariant: 'I9', what: `slowest answer about ${name}, ms`, value: slowestMs, maxMs: answeredWithinMs });
    },
  };
};
