import { describe, expect, it } from 'bun:test';
import { join } from 'node:path';
import { leftOutFaults, rowFaults, rowsByFile, securityRows } from './security-rows.ts';

const root = join(import.meta.dir, '../..');
const testsOf = (text: string) => rowsByFile([{ path: 'a.test.ts', text }]).get('a.test.ts');

describe('the rows of the security checklist', () => {
  it('are all tested, and the page says where', async () => {
    expect(await securityRows.run(root)).toEqual([]);
    expect(await securityRows.measure?.(root)).toBe('48 of 48');
  });

  it('are read from the names of tests, alone or several, by themselves or for many cases', () => {
    const text = "it('S1: x', f); it.each([1])('S2, S3: y', f); it.each<[string]>([['a (b)']])(`S4: z`, f);";
    expect(testsOf(text)).toEqual(['S1', 'S2', 'S3', 'S4']);
    expect(testsOf("const row = 'S5: x'; it('knows S6: x', f)")).toEqual([]);
  });

  it('are not read from what does not run', () => {
    expect(testsOf("// it('S1: x', f);\n/* it('S2: y', f);\nit('S3: z', f); */\nit('S4: w', f);")).toEqual(['S4']);
    expect(testsOf("it('S5: x', f); // it('S6: y', f)")).toEqual(['S5']);
  });

  it.each([
    "it.skip('S5: x', f);",
    "it.todo('S5: x');",
    "it.only('S6: x', f); it('S5: y', f);",
    "it.failing('S5: x', f);",
    "it.skip.each([1])('S5: x', f);",
    "it.skipIf(isQuick)('S5: x', f);",
    "test.skip('S5: x', f);",
    "describe.skip('x', () => { it('S5: y', f); });",
    "describe.todo('x', () => { it('S5: y', f); });",
    "describe('x', () => { describe.only('y', f); it('S5: z', f); });",
    "xit('S5: x', f);",
  ])('are not proved by a file that leaves tests out: %s', (text) => {
    const page = '| S5 | x | [a](../apps/a.test.ts) |';
    const [fault, ...more] = leftOutFaults(page, [{ path: 'apps/a.test.ts', text }]);
    expect(fault).toMatch(
      /^apps\/a\.test\.ts: (it|test|describe|xit)\S* leaves out what docs\/security\.md says to be tested$/,
    );
    expect(more).toEqual([]);
    // A file that proves nothing may.
    expect(leftOutFaults(page, [{ path: 'apps/b.test.ts', text }])).toEqual([]);
    expect(leftOutFaults(page, [{ path: 'apps/a.test.ts', text: `// ${text}\nit('S5: x', f);` }])).toEqual([]);
  });

  it('are missed where the page lacks one, links no test, or one that does not bear the number', async () => {
    const page = await Bun.file(join(root, 'docs/security.md')).text();
    const tested = new Map([['apps/bff/src/login/start.test.ts', ['S5']]]);
    const faults = rowFaults('| S5 | x | [a](../apps/bff/src/login/start.test.ts) |', tested);
    expect(faults).toHaveLength(47);
    expect(faults).toContain('docs/security.md says nothing of S1');
    expect(rowFaults(page, new Map())).toContain(
      'docs/security.md: no test of S1 is in apps/bff/src/login/start.test.ts',
    );
    expect(rowFaults('| S5 | x | nothing |', tested)).toContain('docs/security.md: S5 links no test');
  });
});
