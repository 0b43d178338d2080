// `bun run doctor`: looks at what ChatApp needs on this machine and says how to mend it. `--json` for programs.
import { join } from 'node:path';
import { examine, type Finding } from './examine.ts';

const findings = await examine(join(import.meta.dir, '..'), process.env);
if (process.argv.includes('--json')) console.log(JSON.stringify(findings, null, 2));
else for (const finding of findings) console.log(inWords(finding));
process.exit(findings.some(({ state }) => state === 'wrong') ? 1 : 0);

function inWords({ name, state, found, mend }: Finding): string {
  const line = `${state.padEnd(6)}${name.padEnd(20)}${found}`;
  return mend === undefined ? line : `${line}\n${' '.repeat(26)}${mend}`;
}
