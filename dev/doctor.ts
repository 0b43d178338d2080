// `bun run doctor`: looks at what ChatApp needs on this machine and says how to mend it. `--json` for programs.
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { examine, type Finding } from './examine.ts';
import { StartError } from './start-error.ts';
import { withUsage } from './usage.ts';

try {
  const { values } = withUsage('bun run doctor [--json]', () =>
    parseArgs({ options: { json: { type: 'boolean', default: false } } }),
  );
  const findings = await examine(join(import.meta.dir, '..'), process.env);
  if (values.json) console.log(JSON.stringify(findings, null, 2));
  else for (const finding of findings) console.log(inWords(finding));
  process.exit(findings.some(({ state }) => state === 'wrong') ? 1 : 0);
} catch (error) {
  console.error(error instanceof StartError ? error.message : error);
  process.exit(1);
}

function inWords({ name, state, found, mend }: Finding): string {
  const line = `${state.padEnd(6)}${name.padEnd(20)}${found}`;
  return mend === undefined ? line : `${line}\n${' '.repeat(26)}${mend}`;
}
