import { describe, expect, it } from 'bun:test';
import { join } from 'node:path';
import { composeFaults, handedFaults } from './compose.ts';
import { pageFaults, problemFaults } from './documents.ts';
import { exampleFaults, variablesRead } from './environment.ts';

const there = new Set(['docs/journeys/login.md', 'docs/architecture.md', 'apps/bff/src/main.ts']);
const isThere = (path: string) => there.has(path);

describe('pageFaults', () => {
  const faults = (path: string, text: string) => pageFaults({ path, text }, [{ path, text }], isThere);

  it('finds a link and an anchor that lead nowhere', () => {
    const text =
      '# A page\n[here](#a-page) [journey](journeys/login.md) [gone](gone.md) [nowhere](#nowhere) [web](https://example.test)';
    expect(faults('docs/architecture.md', text)).toEqual([
      'docs/architecture.md links to gone.md, which is not there',
      'docs/architecture.md links to #nowhere, which is not there',
    ]);
  });

  it('finds a file that a journey names and that is not there', () => {
    expect(faults('docs/journeys/login.md', '1. It starts: `apps/bff/src/main.ts`, `apps/bff/src/gone.ts`.')).toEqual([
      'docs/journeys/login.md names apps/bff/src/gone.ts, which is not there',
    ]);
  });

  it('finds a step of a journey that names no file', () => {
    const text =
      '1. It starts: `apps/bff/src/main.ts`.\n2. It goes on.\n3. It ends.\n\n## Besides\n`apps/bff/src/main.ts`';
    expect(faults('docs/journeys/login.md', text)).toEqual([
      'docs/journeys/login.md: a step names no file: 2. It goes on.',
      'docs/journeys/login.md: a step names no file: 3. It ends.',
    ]);
  });
});

describe('problemFaults', () => {
  it('finds a code that is missing, has another status or does not exist', async () => {
    const text = await Bun.file(join(import.meta.dir, '../../docs/problems.md')).text();
    expect(problemFaults(text)).toEqual([]);
    expect(problemFaults(text.replace(/409( +\| `conflict`)/, '410$1'))).toHaveLength(2);
    expect(problemFaults(text.replace('`csrf`', '`xsrf`'))).toHaveLength(2);
  });
});

describe('exampleFaults', () => {
  const variables = [
    { name: 'PORT', default: '3000' },
    { name: 'PORT', default: '3001' },
    { name: 'REDIS_URL', default: undefined },
  ];

  it('is content when both name the same with a default that one reader has', () => {
    expect(exampleFaults('# about\nPORT=3001\n# REDIS_URL=\n', variables)).toEqual([]);
  });

  it('finds what is not named, what nothing reads and another default', () => {
    expect(exampleFaults('PORT=80\nHOST=\n', variables)).toEqual([
      '.env.example does not name REDIS_URL',
      '.env.example names HOST, which nothing reads',
      '.env.example shows another default of PORT than its config file',
    ]);
  });
});

describe('variablesRead', () => {
  it('finds what dev reads of the environment, but not what the machine tells', () => {
    const text =
      "const folder = process.env.CHATAPP_DATA_DIR; const path = process.env.PATH; integer('ACCESS_TOKEN_SECONDS', 300);";
    const files = [
      { path: 'dev/start.ts', text },
      { path: 'dev/testing/stack.ts', text: 'process.env.ONLY_FOR_TESTS' },
    ];
    expect(variablesRead(files)).toEqual([{ name: 'CHATAPP_DATA_DIR' }, { name: 'ACCESS_TOKEN_SECONDS' }]);
  });
});

describe('composeFaults', () => {
  const schema = Bun.file(join(import.meta.dir, '../../node_modules/dclint/schemas/compose.schema.json'));

  it('is content with services that wait for each other', async () => {
    const text = 'services:\n  a:\n    image: x\n  b:\n    image: x\n    depends_on: [a]\n';
    expect(composeFaults(text, await schema.json())).toEqual([]);
  });

  it('finds an unknown key and a service that waits for none', async () => {
    expect(composeFaults('services:\n  a:\n    imagge: x\n', await schema.json())).not.toEqual([]);
    expect(composeFaults('services:\n  a:\n    image: x\n    depends_on: [b]\n', await schema.json())).toHaveLength(1);
  });
});

describe('handedFaults', () => {
  const compose = (value: string) => `services:\n  bff:\n    environment:\n      PORT: 3000\n      ${value}\n`;
  const settings = new Map([
    ['bff', [{ name: 'PORT', default: '3001' }, { name: 'TRUSTED_HOPS', default: '0' }, { name: 'FAILPOINT' }]],
  ]);

  it('is content with what is handed on with its default, or set for good', () => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: Compose's own.
    expect(handedFaults(compose('TRUSTED_HOPS: ${TRUSTED_HOPS:-0}'), settings)).toEqual([]);
    expect(handedFaults(compose('TRUSTED_HOPS: 1'), settings)).toEqual([]);
  });

  it('finds a variable that no container gets, and another default', () => {
    expect(handedFaults(compose('OTHER: 1'), settings)).toEqual(['bff is not handed TRUSTED_HOPS']);
    // biome-ignore lint/suspicious/noTemplateCurlyInString: Compose's own.
    expect(handedFaults(compose('TRUSTED_HOPS: ${TRUSTED_HOPS:-1}'), settings)).toEqual([
      'bff is handed another default of TRUSTED_HOPS',
    ]);
  });
});
