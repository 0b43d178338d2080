import { eventually } from '../../dev/testing/eventually.ts';
import type { Chaos, Fault } from '../fault.ts';
import { limitConnections, lockMessages } from './database-store.ts';
import { expectVisible, healthOf } from './health.ts';
import { member, probe } from './probe.ts';

const readyAgainWithinMs = 10_000;
const deadlineMs = 11_000;
/** A check of `/health/ready` gives its part a second. */
const healthWithinMs = 2500;

export const poolExhausted: Fault = {
  id: 'F23',
  title: 'the table of messages is locked, then messages gets one connection (53300)',
  differs: 'a lock on the table in place of pg_sleep, and a connection limit of one role in place of max_connections.',
  recoveryMsMax: 10_000,
  check: { unansweredMsMax: 16_000 },
  inject: async (chaos) => {
    const { stack, sql, wait, mark, over, isShort } = chaos;
    const { person, path } = await member(stack.url);
    mark('the table is locked');
    const reading = probe(person, { method: 'GET', path: `${path}?limit=1`, perSecond: 2 });
    // The sessions of the services wait, so that their pools tell of it, or the BFFs, whose questions nobody answers.
    const [names, bffs] = [stack.namesOf('messages'), stack.namesOf('bff')];
    const locked = expectVisible(chaos, [...names, ...bffs], 'the lock');
    const looking = watchLooks(chaos);
    // Longer than the deadline of what waits for the lock.
    await lockMessages(sql, () => wait(15_000));
    over('the table is free');
    await looking.judge('while the table is locked');
    await locked.stop();
    judgeShedding(chaos, await reading.stop());
    await judgeReady(chaos, 'free');
    await wait(isShort ? 2000 : 8000);
    const before = await limitConnections(sql, 1);
    mark('one connection');
    const limited = expectVisible(chaos, names, 'the want of connections');
    // What was connected is ended, and a check that had begun before is over.
    await wait(1500);
    const lookingAgain = watchLooks(chaos);
    await wait(isShort ? 4000 : 10_000);
    // They share one: one instance can work at most, and none where the writer of one has it, which nobody else may use.
    await lookingAgain.judge('with one connection', 1);
    await limited.stop();
    await limitConnections(sql, before);
    over('as many connections as before');
    await judgeReady(chaos, 'connected');
  },
};

/**
 * Requests that the lock holds up: each is answered before its deadline, and some are shed before they are tried, with 503 and when to come again. Those that
 * are tried wait at services that say nothing in time, which is 504 (problems.md: `upstream-timeout`); they open the circuits, whose refusal is 503.
 */
const judgeShedding = ({ judge }: Chaos, answers: Awaited<ReturnType<ReturnType<typeof probe>['stop']>>): void => {
  const shed = answers.filter(({ status }) => status === 503);
  const silent = shed.filter(({ retryAfter }) => retryAfter === null);
  const strange = answers.filter(({ status }) => ![200, 503, 504].includes(status));
  const slowestMs = Math.max(...answers.map(({ ms }) => ms));
  judge({ invariant: 'I9', what: 'shed with 503', value: shed.length, min: 1 });
  judge({ invariant: 'I9', what: '503 without Retry-After', value: silent.length, max: 0 });
  judge({ invariant: 'I9', what: 'answers of another kind', value: strange.length, max: 0 });
  judge({ invariant: 'I9', what: 'slowest answer, ms', value: slowestMs, max: deadlineMs });
};

/**
 * Looks at the health of all instances of messages, again and again. It asks `SELECT 1` over the pool that requests use: `ok` says that a request gets a
 * connection and an answer, which a lock on a table does not contradict until those who wait for it have used the pool up. So both answers are true
 * while it lasts, and none at all is not: an instance must say within its second how it is. With one connection for all no more than one can be well.
 */
const watchLooks = ({ stack, judge, wait }: Chaos) => {
  const names = stack.namesOf('messages');
  const looks: { readonly states: readonly string[]; readonly ms: number }[] = [];
  let isOver = false;
  const look = async () => {
    while (!isOver) {
      const startedAt = Date.now();
      const states = await Promise.all(names.map((name) => healthOf(stack, name)));
      looks.push({ states, ms: Date.now() - startedAt });
      await wait(200);
    }
  };
  const looking = look();
  return {
    async judge(when: string, readyMax?: number): Promise<void> {
      isOver = true;
      await looking;
      const ready = looks.map(({ states }) => states.filter((state) => state === 'ok').length);
      const silent = looks.filter(({ states }) => states.includes('silent')).length;
      const slowestMs = Math.max(...looks.map(({ ms }) => ms));
      if (readyMax !== undefined)
        judge({ invariant: 'I10', what: `instances ready ${when}`, value: Math.max(...ready), max: readyMax });
      judge({ invariant: 'I10', what: `looks at health without an answer ${when}`, value: silent, max: 0 });
      judge({ invariant: 'I10', what: `slowest health ${when}, ms`, value: slowestMs, maxMs: healthWithinMs });
    },
  };
};

const judgeReady = async ({ stack, judge }: Chaos, when: string): Promise<void> => {
  const startedAt = Date.now();
  const areReady = async () => {
    const states = await Promise.all(stack.namesOf('messages').map((name) => healthOf(stack, name)));
    return states.every((state) => state === 'ok');
  };
  const value = await eventually(areReady, { timeoutMs: 30_000 }).then(
    () => Date.now() - startedAt,
    () => null,
  );
  judge({ invariant: 'I10', what: `all are ready once ${when}, ms`, value, maxMs: readyAgainWithinMs });
};
