import { describe, expect, it } from 'bun:test';
import { eventually } from '../dev/testing/eventually.ts';
import type { Fault } from './fault.ts';
import { forgetSessions } from './faults/redis-store.ts';
import { runFaults } from './run-faults.ts';
import { shortRun } from './short-run.ts';

/** What no service may do: a message that was acknowledged is gone from the database, and people are signed out who never asked for it. */
const lossy: Fault = {
  id: 'SELF-TEST',
  title: 'a saved message vanishes, and the sessions',
  recoveryMsMax: 10_000,
  inject: async ({ sql, redis, stack, load, conversations, wait, over }) => {
    const gone = await sql`
      DELETE FROM messages.messages WHERE (conversation_id, seq) IN (
        SELECT conversation_id, max(seq) FROM messages.messages WHERE kind = 'text' AND conversation_id IN ${sql([...conversations])}
        GROUP BY conversation_id LIMIT 1
      )`;
    const sessions = await forgetSessions(redis);
    // Who reconnects is asked for the session.
    for (const name of stack.namesOf('realtime')) stack.signal(name, 'SIGKILL');
    over(`${gone.count} row and ${sessions} sessions deleted`);
    await wait(1000);
    await eventually(async () => (await load.state()).away === 0, { timeoutMs: 60_000, intervalMs: 200 });
  },
};

describe('the judge of the whole product', () => {
  it('finds out when a saved message vanishes, and when sessions end by themselves', async () => {
    const run = shortRun(lossy);
    await runFaults(run.options);
    const outcome = run.outcome();
    expect(outcome?.verdict, run.said()).toBe('failed');
    const found = outcome !== undefined && 'violations' in outcome ? outcome.violations : [];
    const broken = found.map(({ invariant }) => invariant);
    expect(broken).toContain('I1');
    expect(broken).toContain('I3');
    expect(found.map(({ what }) => what).join('\n')).toContain('lost a session that lives');
  }, 120_000);
});
