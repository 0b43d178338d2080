import { join } from 'node:path';
import type { Check } from './check.ts';

export const lockfile: Check = {
  name: 'lockfile',
  mend: 'Write bun.lock with `bun install` from the npm registry, and pin each version exactly in package.json.',
  run: async (root) => {
    const workspaces = await Array.fromAsync(new Bun.Glob('{apps,packages}/*/package.json').scan(root));
    const manifests = ['package.json', 'web/package.json', ...workspaces];
    const unpinned = manifests.map(async (path) => unpinnedIn(path, await Bun.file(join(root, path)).json()));
    const lock = await Bun.file(join(root, 'bun.lock')).text();
    return [...unverified(lock), ...(await Promise.all(unpinned)).flat()];
  },
};

/** The packages of a lockfile that bun could not tell from a forged one: without a strong checksum, or not from the registry. */
export function unverified(lock: string): readonly string[] {
  const { packages } = Bun.JSONC.parse(lock) as { packages: Record<string, readonly unknown[]> };
  return Object.entries(packages).flatMap(([name, entry]) => {
    const [resolved, registry, , integrity] = entry;
    if (entry.length === 1 && String(resolved).includes('@workspace:')) return [];
    const isPinned = typeof integrity === 'string' && integrity.startsWith('sha512-') && registry === '';
    return isPinned ? [] : [`bun.lock: ${name} has no sha512 checksum, or comes from elsewhere than the registry`];
  });
}

interface Manifest {
  readonly dependencies?: Record<string, string>;
  readonly devDependencies?: Record<string, string>;
}

function unpinnedIn(path: string, { dependencies = {}, devDependencies = {} }: Manifest): readonly string[] {
  return Object.entries({ ...dependencies, ...devDependencies })
    .filter(([, version]) => version !== 'workspace:*' && !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))
    .map(([name, version]) => `${path}: ${name} is "${version}", not one exact version`);
}
