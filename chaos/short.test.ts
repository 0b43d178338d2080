import { describe, expect, it } from 'bun:test';
import { temporaryFolder } from '../dev/testing/temporary.ts';
import type { Fault } from './fault.ts';
import { killMessages } from './faults/f01-kill-messages.ts';
import { killRealtime } from './faults/f03-kill-realtime.ts';
import { killBff } from './faults/f04-kill-bff.ts';
import { redisForgets } from './faults/f08-redis-forgets.ts';
import { killPostgres } from './faults/f17-kill-postgres.ts';
import { rollingRestart } from './faults/f36-rolling-restart.ts';
import type { Outcome } from './outcome.ts';
import { runFaults } from './run-faults.ts';
import { sizeOf } from './size.ts';

const seed = Number(process.env.SEED ?? 1);
const faultTimeoutMs = 120_000;

const judge = async (fault: Fault): Promise<{ outcome: Outcome | undefined; said: string }> => {
  const said: string[] = [];
  let outcome: Outcome | undefined;
  await runFaults({
    ...{ faults: [fault], seed, size: sizeOf({ isShort: true }), reportDir: temporaryFolder('chaos-reports') },
    say: (line) => said.push(line),
    onOutcome: async (found) => {
      outcome = found;
    },
  });
  return { outcome, said: said.join('\n') };
};

/** What no service may do: a message that was acknowledged is gone from the database. */
const rowVanishes: Fault = {
  id: 'SELF-TEST',
  title: 'a saved message vanishes',
  recoveryMsMax: 10_000,
  inject: async ({ sql, conversations, over }) => {
    const gone = await sql`
      DELETE FROM messages.messages WHERE (conversation_id, seq) IN (
        SELECT conversation_id, max(seq) FROM messages.messages WHERE kind = 'text' AND conversation_id IN ${sql([...conversations])}
        GROUP BY conversation_id LIMIT 1
      )`;
    over(`${gone.count} row deleted`);
  },
};

// Six of the catalogue in the short form; all of it with `bun run chaos`.
describe('the whole product under load', () => {
  const faults = [killMessages, killRealtime, killBff, redisForgets, killPostgres, rollingRestart];
  it.each(faults.map((fault) => [`${fault.id}: ${fault.title}`, fault] as const))(
    'loses, doubles and reorders nothing at %s',
    async (_, fault) => {
      const { outcome, said } = await judge(fault);
      expect(outcome?.verdict, said).toBe('passed');
      if (outcome?.verdict === 'passed') expect(outcome.counts.acked).toBeGreaterThan(100);
    },
    faultTimeoutMs,
  );

  it(
    'is found out when a saved message vanishes',
    async () => {
      const { outcome, said } = await judge(rowVanishes);
      expect(outcome?.verdict, said).toBe('failed');
      const broken = outcome?.verdict === 'failed' ? outcome.violations.map(({ invariant }) => invariant) : [];
      expect(broken).toContain('I1');
      expect(broken).toContain('I3');
    },
    faultTimeoutMs,
  );
});
