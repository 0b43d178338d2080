import { describe, expect, it } from 'bun:test';
import fc from 'fast-check';
import { runInterleaving } from './run.ts';
import { asDesigned, type Rules, senders, sendsPerClient } from './world.ts';

const interleavings = 10_000;
const seed = Number(process.env.SEED ?? 20_240_601);

const choices = fc.array(fc.nat({ max: 10_000 }), { minLength: 20, maxLength: 150, size: 'max' });
const search = (rules: Rules) =>
  fc.check(
    fc.property(choices, (picked) => runInterleaving(picked, rules).broken === undefined),
    { numRuns: interleavings, seed },
  );

describe('the model of command, commit, publish, acknowledge, resume and takeover', () => {
  it('keeps every promise in every interleaving', () => {
    const result = search(asDesigned);
    console.log(`${result.numRuns} interleavings, seed ${seed}`);
    const trace = result.counterexample ? runInterleaving(result.counterexample[0]) : undefined;
    expect(trace?.broken ?? 'nothing', trace?.trace.join('\n')).toBe('nothing');
    expect(result.numRuns).toBe(interleavings);
  }, 120_000);

  it('reaches rest with everything sent, saved and shown', () => {
    const { world, broken } = runInterleaving([]);
    expect(broken).toBeUndefined();
    expect(world.rows).toHaveLength(senders.length * sendsPerClient);
    expect(world.clients.every(({ timeline }) => timeline.length === world.rows.length)).toBe(true);
  });

  const defects: [string, Rules, string[]][] = [
    [
      'the publish is moved before the commit',
      { ...asDesigned, publishAfterCommit: false },
      ['shown, but not what is saved there', 'acknowledged, but not saved'],
    ],
    [
      'the head is read after the states',
      { ...asDesigned, headBeforeStates: false },
      ['a client has a hole and does not know it'],
    ],
    ['a repeat is not looked for', { ...asDesigned, looksForRepeats: false }, ['a message is saved twice']],
  ];
  it.each(defects)(
    'fails when %s',
    (_, rules, expected) => {
      const result = search(rules);
      expect(result.failed).toBe(true);
      const { broken } = runInterleaving(result.counterexample?.[0] ?? [], rules);
      expect(expected).toContain(broken ?? 'nothing');
    },
    120_000,
  );
});
