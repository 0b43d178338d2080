import { describe, expect, it } from 'bun:test';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { secrets } from './check/secrets.ts';
import { readSourceFiles } from './check/source-files.ts';
import { temporaryFolder } from './testing/temporary.ts';

const root = join(import.meta.dir, '..');
const withSecrets = ['.env', '.env.production', 'users.acl'];

/** Whether the last pattern that fits a name in the root says so, as git and Docker read their files. */
function isIgnored(name: string, patterns: string): boolean {
  const fits = (line: string) => new Bun.Glob(line.replace(/^!|\/$/g, '')).match(name);
  const last = patterns.split('\n').findLast(fits);
  return last !== undefined && !last.startsWith('!');
}

/** The folders beside our files that documents and messages tell people to use. */
async function dataFolders(): Promise<string[]> {
  const files = await readSourceFiles(root, ['.md', '.ts', '.env.example']);
  return files.flatMap(({ text }) => [...text.matchAll(/CHATAPP_DATA_DIR=(\.[\w-]+)/g)].map(([, name = '']) => name));
}

describe('what an operator keeps beside our files', () => {
  it.each(['.gitignore', '.dockerignore'])('is named by %s', async (file) => {
    const patterns = await Bun.file(join(root, file)).text();
    const folders = await dataFolders();
    expect(new Set(folders).size).toBeGreaterThan(1);
    expect([...withSecrets, ...folders].filter((name) => !isIgnored(name, patterns))).toEqual([]);
  });

  it('leaves the example in the repository', async () => {
    expect(isIgnored('.env.example', await Bun.file(join(root, '.gitignore')).text())).toBe(false);
  });

  it('is not looked through for secrets of the repository', async () => {
    const folder = temporaryFolder('secrets');
    const text = 'SMTP_URL=smtp://mailer:a-long-and-real-one@mail.example.org:587\n';
    for (const name of ['.env', '.env.production', '.env.example']) await writeFile(join(folder, name), text);
    expect(await secrets.run(folder)).toEqual(['.env.example holds a password in an address']);
  });
});
