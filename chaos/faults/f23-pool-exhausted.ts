import { eventually } from '../../dev/testing/eventually.ts';
import type { Chaos, Fault } from '../fault.ts';
import { limitConnections, lockMessages } from './database-store.ts';
import { healthOf } from './health.ts';
import { member, probe } from './probe.ts';

const readyAgainWithinMs = 10_000;
const deadlineMs = 11_000;

export const poolExhausted: Fault = {
  id: 'F23',
  title: 'the table of messages is locked, then messages gets one connection (53300)',
  recoveryMsMax: 10_000,
  check: { requestMsMax: 16_000 },
  inject: async (chaos) => {
    const { stack, sql, wait, mark, over, isShort } = chaos;
    const ms = isShort ? 4000 : 10_000;
    const { person, path } = await member(stack.url);
    mark('the table is locked');
    const shedding = watchShedding(chaos, probe(person, { method: 'GET', path: `${path}?limit=1`, perSecond: 2 }));
    // Longer than the deadline of what waits for the lock.
    await lockMessages(sql, () => wait(isShort ? ms : 15_000));
    over('the table is free');
    await shedding.judge();
    await wait(isShort ? 2000 : 8000);
    const before = await limitConnections(sql, 1);
    mark('one connection');
    await wait(ms);
    await judgeHealth(chaos);
    await limitConnections(sql, before);
    over('as many connections as before');
    await judgeReady(chaos);
  },
};

/** Requests that the lock holds up: each is answered before its deadline, by a refusal that says when to come again. */
const watchShedding = ({ judge }: Chaos, asking: ReturnType<typeof probe>) => ({
  async judge(): Promise<void> {
    const answers = await asking.stop();
    const silent = answers.filter(({ status, retryAfter }) => status === 503 && retryAfter === null);
    const strange = answers.filter(({ status }) => ![200, 503, 504].includes(status));
    const slowestMs = Math.max(...answers.map(({ ms }) => ms));
    judge({ invariant: 'I9', what: '503 without Retry-After', value: silent.length, max: 0 });
    judge({ invariant: 'I9', what: 'answers of another kind', value: strange.length, max: 0 });
    judge({ invariant: 'I9', what: 'slowest answer, ms', value: slowestMs, max: deadlineMs });
  },
});

const readyOnes = async ({ stack }: Chaos): Promise<number> => {
  const states = await Promise.all(stack.namesOf('messages').map((name) => healthOf(stack, name)));
  return states.filter((state) => state === 'ok').length;
};

/** With one connection between them one instance can work at most, whichever holds it now, and the others say that they cannot. */
const judgeHealth = async (chaos: Chaos): Promise<void> => {
  const looks: number[] = [];
  for (let count = 0; count < 5; count++) {
    looks.push(await readyOnes(chaos));
    await chaos.wait(200);
  }
  chaos.judge({ invariant: 'I10', what: 'instances ready with one connection', value: Math.min(...looks), max: 1 });
};

const judgeReady = async (chaos: Chaos): Promise<void> => {
  const startedAt = Date.now();
  const all = chaos.stack.namesOf('messages').length;
  const value = await eventually(async () => (await readyOnes(chaos)) === all, { timeoutMs: 30_000 }).then(
    () => Date.now() - startedAt,
    () => null,
  );
  chaos.judge({ invariant: 'I10', what: 'all are ready again, ms', value, maxMs: readyAgainWithinMs });
};
