import { boundaryFaults } from './boundaries.ts';
import type { Check } from './check.ts';
import { readSourceFiles } from './source-files.ts';

export const boundaries: Check = {
  name: 'boundaries',
  mend: 'Move the code to the side that may hold it; docs/architecture.md has the rule.',
  run: async (root) => boundaryFaults(await readSourceFiles(root, ['.ts', '.tsx'])),
};
