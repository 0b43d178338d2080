import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** A package that bun.lock names. */
export interface LockedPackage {
  readonly name: string;
  readonly version: string;
  /** `sha512-…`, undefined where the lockfile has none. */
  readonly integrity: string | undefined;
  readonly isFromRegistry: boolean;
}

/** Every package of the lockfile once for each version, but the workspaces. */
export function lockedPackages(lock: string): readonly LockedPackage[] {
  const { packages } = Bun.JSONC.parse(lock) as { packages: Record<string, readonly unknown[]> };
  const found = Object.values(packages)
    .filter(([resolved]) => !String(resolved).includes('@workspace:'))
    .map(([resolved, registry, , integrity]) => {
      const spec = String(resolved);
      const at = spec.lastIndexOf('@');
      return {
        name: spec.slice(0, at),
        version: spec.slice(at + 1),
        integrity: typeof integrity === 'string' ? integrity : undefined,
        isFromRegistry: registry === '',
      };
    });
  return [...new Map(found.map((locked) => [`${locked.name}@${locked.version}`, locked])).values()];
}

/** The licence that an installed package names (an SPDX expression); undefined where it is not installed here, as for another system. */
export async function licenceOf(root: string, { name, version }: LockedPackage): Promise<string | undefined> {
  for (const path of await foldersOf(root, name, version)) {
    const { license, licenses } = (await Bun.file(path).json()) as Manifest;
    const named = license ?? licenses?.[0];
    return typeof named === 'string' ? named : (named?.type ?? 'none');
  }
  return undefined;
}

interface Manifest {
  readonly license?: string | { readonly type: string };
  readonly licenses?: readonly { readonly type: string }[];
}

/** bun keeps each version of a package in a folder of its own, which ends in a hash where it has peers or a patch. */
async function foldersOf(root: string, name: string, version: string): Promise<readonly string[]> {
  const folder = `${name.replace('/', '+')}@${version}`;
  const path = (store: string) => join(root, 'node_modules/.bun', store, 'node_modules', name, 'package.json');
  if (existsSync(path(folder))) return [path(folder)];
  const stores = await Array.fromAsync(
    new Bun.Glob(`${folder}+*`).scan({ cwd: join(root, 'node_modules/.bun'), onlyFiles: false }),
  );
  return stores.map(path).filter((file) => existsSync(file));
}
