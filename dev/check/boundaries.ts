import { type Import, importsOf } from './imports.ts';
import type { SourceFile } from './source-files.ts';

/**
 * The rules of docs/architecture.md on who may import whom, as faults in words; none when all hold.
 *
 * Tests may use the harness (`dev/`) besides; what runs in production may not.
 */
export function boundaryFaults(files: readonly SourceFile[]): readonly string[] {
  return files.flatMap((file) => [...importFaults(file), ...contentFaults(file), ...nameFaults(file)]);
}

/** A part of the product, and the parts that it may import besides itself. */
const parts: Record<string, readonly string[]> = {
  'packages/resilience': [],
  'packages/contract': [],
  'packages/service': ['packages/contract', 'packages/resilience'],
  'apps/bff': ['packages/contract', 'packages/resilience', 'packages/service'],
  'apps/conversations': ['packages/contract', 'packages/resilience', 'packages/service'],
  'apps/messages': ['packages/contract', 'packages/resilience', 'packages/service'],
  'apps/realtime': ['packages/contract', 'packages/resilience', 'packages/service'],
  web: ['packages/contract'],
};
/** What surrounds the product may import any of it, and nothing imports these but they themselves and tests. */
const surroundings = ['dev', 'e2e', 'chaos', 'bench'];

/** The npm packages of the two innermost parts; those of the others are in their package.json, and bun installs no more. */
const npmPackages: Record<string, readonly string[]> = {
  'packages/resilience': ['cockatiel'],
  'packages/contract': ['elysia', '@sinclair/typebox'],
};

/** Files of the contract that import nothing: the web client may run them. */
const plainContract = ['packages/contract/limits.ts', 'packages/contract/roles.ts'];

const isTest = (path: string): boolean => /\.test\.tsx?$/.test(path) || /(^|\/)(test|testing)\//.test(path);

function partOf(path: string): string | undefined {
  return [...Object.keys(parts), ...surroundings].find((part) => path === part || path.startsWith(`${part}/`));
}

function importFaults(file: SourceFile): string[] {
  const { path } = file;
  const part = partOf(path);
  const allowed = part === undefined ? undefined : parts[part];
  if (part === undefined || allowed === undefined) return [];
  const imports = importsOf(file);
  const foreign = imports.filter(({ target }) => {
    const other = partOf(target);
    const forTests = isTest(path) && other !== undefined && surroundings.includes(other);
    return other !== undefined && other !== part && !allowed.includes(other) && !forTests;
  });
  return [
    ...foreign.map(({ target }) => `${path} imports ${target}: ${part} may import only ${list(allowed)}`),
    ...npmFaults(path, part, imports),
    ...(part === 'web' ? webFaults(path, imports) : []),
    ...(part.startsWith('apps/') ? layerFaults(path, part, imports) : []),
  ];
}

function npmFaults(path: string, part: string, imports: readonly Import[]): string[] {
  if (isTest(path)) return [];
  const allowed = plainContract.includes(path) ? [] : npmPackages[part];
  if (!allowed) return [];
  const isForeign = ({ target }: Import) => {
    const inRepository = partOf(target) !== undefined && !plainContract.includes(path);
    return !inRepository && !allowed.some((name) => target === name || target.startsWith(`${name}/`));
  };
  return imports
    .filter(isForeign)
    .map(({ target }) => `${path} imports ${target}: it may import only ${list(allowed)}`);
}

/** elysia's `t` behind the contract would cost the browser 270 kB. */
function webFaults(path: string, imports: readonly Import[]): string[] {
  const isContract = ({ target }: Import) => partOf(target) === 'packages/contract';
  const isPlain = ({ target }: Import) => plainContract.includes(`${target.replace(/\.ts$/, '')}.ts`);
  return imports
    .filter((found) => found.runtime && isContract(found) && !isPlain(found) && !isTest(path))
    .map(
      ({ target }) =>
        `${path} imports ${target} at run time: web takes types only, but for contract/limits and contract/roles`,
    );
}

/** main → app → use case → store: nothing points back. */
function layerFaults(path: string, part: string, imports: readonly Import[]): string[] {
  if (isTest(path)) return [];
  const leadsTo = (name: string) => imports.find(({ target }) => target === `${part}/src/${name}.ts`);
  const own = path.replace(/^.*\/src\//, '');
  const faults: string[] = [];
  if (leadsTo('main')) faults.push(`${path} imports main.ts: main starts all, nothing starts main`);
  // What stands beside main.ts puts the app together; what is in a folder is a part of it.
  if (own.includes('/') && leadsTo('app')) faults.push(`${path} imports app.ts: main → app → use case, never back`);
  const handlers = imports.filter(({ target }) => /^(elysia|@elysiajs\/)/.test(target) && /-store\.ts$/.test(own));
  for (const { target } of handlers) faults.push(`${path} imports ${target}: a store knows nothing of HTTP`);
  return faults;
}

function contentFaults({ path, text }: SourceFile): string[] {
  const part = partOf(path);
  if (part === undefined || surroundings.includes(part) || isTest(path)) return [];
  const code = withoutComments(text);
  const isMain = mains.some((main) => main.test(path));
  const faults: string[] = [];
  if (/\b(process|Bun)\.env\b/.test(code) && !isMain && !isBuildFile(path)) {
    faults.push(`${path} reads the environment: only a main may`);
  }
  if (!part.startsWith('apps/') || !path.includes('/src/') || isMain || path.endsWith('-store.ts')) return faults;
  const opensDatabase = /\/src\/(tables|database)\.ts$/.test(path);
  if (holdsSql(code) || (importsDatabase(code) && !opensDatabase))
    faults.push(`${path} holds SQL: only a *-store.ts may`);
  if (holdsRedisCommand(code)) faults.push(`${path} holds a Redis command: only a *-store.ts may`);
  return faults;
}

/** The files that a process starts with. */
const mains = [/^apps\/[^/]+\/src\/main\.ts$/, /^apps\/messages\/src\/dead-letters\.ts$/];

const isBuildFile = (path: string): boolean => /^web\/(vite\.config\.ts|build\/)/.test(path);

const holdsSql = (code: string): boolean => /\bsql(?:<[^`]*?>)?`|\w\.unsafe\(/.test(code);

const importsDatabase = (code: string): boolean =>
  /\bfrom\s+['"](?:postgres|drizzle-orm(?:\/[^'"]*)?)['"]/.test(withoutTypeImports(code));

const redisCommands =
  'get|set|getdel|del|expire|pexpire|ttl|exists|incr|hset|hget|hgetall|sadd|srem|smembers|zadd|zrem|zrange|xadd|xread|xdel|xtrim|xlen|xrange|publish|ssubscribe|subscribe|eval|evalsha|multi|pipeline';

const holdsRedisCommand = (code: string): boolean =>
  new RegExp(`\\b\\w*[rR]edis\\.(?:${redisCommands})\\(`).test(code) ||
  /\bfrom\s+['"]ioredis['"]/.test(withoutTypeImports(code));

/** Names that say nothing; docs/architecture.md says what a file and a folder are named for. */
function nameFaults({ path }: SourceFile): string[] {
  if (!/^(apps|packages|web\/src)\//.test(path)) return [];
  const vague =
    /\/(common|shared|utils?|core|helpers?)\/|\/(utils?|helpers?|types|index)\.tsx?$|\.(service|controller|repository|dto)\.ts$/;
  return vague.test(path) ? [`${path} is named for no job: name it for the one thing that it does`] : [];
}

const withoutComments = (text: string): string => text.replace(/\/\*[\s\S]*?\*\/|(^|\s)\/\/[^\n]*/g, '$1');

const withoutTypeImports = (code: string): string => code.replace(/^\s*import\s+type\b[^;]*;/gm, '');

const list = (names: readonly string[]): string => (names.length === 0 ? 'nothing' : names.join(', '));
