import { describe, expect, it } from 'bun:test';
import { join } from 'node:path';
import { boundaryFaults } from './check/boundaries.ts';
import { readSourceFiles } from './check/source-files.ts';

const faults = (path: string, text: string) => boundaryFaults([{ path, text }]);

describe('boundaryFaults', () => {
  it('finds none in this repository', async () => {
    const files = await readSourceFiles(join(import.meta.dir, '..'), ['.ts', '.tsx']);
    expect(files.length).toBeGreaterThan(50);
    expect(boundaryFaults(files)).toEqual([]);
  });

  it.each([
    ['an app that imports another', 'apps/bff/src/app.ts', "import { x } from '../../messages/src/app.ts'; x();"],
    [
      'an app that imports a type of another',
      'apps/bff/src/app.ts',
      "import type { X } from '@chatapp/messages/src/x';",
    ],
    ['an app that imports the web client', 'apps/bff/src/app.ts', "import { x } from '../../../web/src/x.ts'; x();"],
    ['an app that imports the harness', 'apps/bff/src/app.ts', "import { x } from '../../../dev/keys.ts'; x();"],
    ['a package that imports an app', 'packages/service/log.ts', "export { x } from '../../apps/bff/src/app.ts';"],
    [
      'the contract that imports a service',
      'packages/contract/ids.ts',
      "import { x } from '@chatapp/service/log'; x();",
    ],
    ['the contract that imports another package', 'packages/contract/ids.ts', "import Redis from 'ioredis'; Redis();"],
    [
      'resilience that imports the contract',
      'packages/resilience/x.ts',
      "import { x } from '@chatapp/contract/ids'; x();",
    ],
    ['limits that import anything', 'packages/contract/limits.ts', "import { x } from './ids.ts'; x();"],
    ['roles that import anything', 'packages/contract/roles.ts', "import { t } from 'elysia'; t();"],
    ['the web client that runs the contract', 'web/src/x.ts', "import { x } from '@chatapp/contract/shapes'; x();"],
    ['the web client that loads the contract later', 'web/src/x.ts', "await import('@chatapp/contract/shapes');"],
    ['the web client that imports resilience', 'web/src/x.ts', "import { x } from '@chatapp/resilience/retry'; x();"],
    ['a use case that imports the app', 'apps/bff/src/login/login.ts', "import { x } from '../app.ts'; x();"],
    ['what imports main', 'apps/bff/src/app.ts', "import './main.ts';"],
    ['a store that knows HTTP', 'apps/bff/src/session/session-store.ts', "import { Elysia } from 'elysia'; Elysia();"],
    ['the environment beside main', 'apps/bff/src/config.ts', 'export const port = process.env.PORT;'],
    ['the environment in a package', 'packages/service/log.ts', 'export const level = Bun.env.LOG_LEVEL;'],
    [
      'the environment in a use case named like a tool',
      'apps/messages/src/commands/dead-letters.ts',
      'x(process.env);',
    ],
    ['SQL beside a store', 'apps/messages/src/unread/list-unread.ts', 'export const x = (sql) => sql`SELECT 1`;'],
    [
      'SQL with a type beside a store',
      'apps/messages/src/x.ts',
      'export const x = (sql) => sql<{ a: 1 }[]>`SELECT 1`;',
    ],
    ['drizzle beside a store', 'apps/conversations/src/x.ts', "import { eq } from 'drizzle-orm'; eq();"],
    ['a Redis command beside a store', 'apps/realtime/src/x.ts', 'export const x = (redis) => redis.publish(1, 2);'],
    ['a Redis client beside a store', 'apps/realtime/src/x.ts', "import Redis from 'ioredis'; new Redis();"],
    ['a file named for no job', 'apps/bff/src/utils.ts', 'export {};'],
    ['a folder named for no job', 'apps/bff/src/shared/clock.ts', 'export {};'],
  ])('finds %s', (_what, path, text) => {
    expect(faults(path, text)).toHaveLength(1);
  });

  it.each([
    ['an app that imports the packages', 'apps/bff/src/app.ts', "import { x } from '@chatapp/service/log'; x();"],
    [
      'a test that imports the harness',
      'apps/bff/src/app.test.ts',
      "import { x } from '../../../dev/testing/redis.ts'; x();",
    ],
    ['the web client that takes types', 'web/src/x.ts', "import type { Message } from '@chatapp/contract/shapes';"],
    ['the web client that takes limits', 'web/src/x.ts', "import { x } from '@chatapp/contract/limits'; x();"],
    ['the web client that takes roles', 'web/src/x.ts', "import { x } from '@chatapp/contract/roles'; x();"],
    ['main that reads the environment', 'apps/bff/src/main.ts', 'start(process.env);'],
    ['a command-line tool that reads the environment', 'apps/messages/src/dead-letters.ts', 'start(process.env);'],
    ['a store with SQL', 'apps/messages/src/unread/unread-store.ts', 'export const x = (sql) => sql`SELECT 1`;'],
    [
      'the file that opens the database',
      'apps/messages/src/database.ts',
      "import postgres from 'postgres'; postgres();",
    ],
    ['a type of a client', 'apps/messages/src/x.ts', "import type { Sql } from 'postgres';\nexport type X = Sql;"],
    ['a call named like SQL', 'apps/bff/src/config.ts', 'export const x = [...unsafe(1)];'],
    ['a comment on SQL', 'apps/messages/src/x.ts', '// The store runs sql`SELECT 1`.\nexport {};'],
    ['a method named like a command', 'apps/bff/src/x.ts', 'export const x = (sessions) => sessions.get(1);'],
    ['the harness that imports an app', 'dev/testing/stack.ts', "import { x } from '../../apps/bff/src/app.ts'; x();"],
  ])('lets %s be', (_what, path, text) => {
    expect(faults(path, text)).toEqual([]);
  });
});
