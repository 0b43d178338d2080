import { join } from 'node:path';
import type { Check } from './check.ts';
import { type LockedPackage, licenceOf, lockedPackages } from './locked-packages.ts';
import { versionFloors } from './version-floors.ts';

export const lockfile: Check = {
  name: 'lockfile',
  mend: 'Write bun.lock with `bun install` from the npm registry, pin each version exactly in package.json, and take no package with a known hole or an unknown licence.',
  run: async (root) => {
    const workspaces = await Array.fromAsync(new Bun.Glob('{apps,packages}/*/package.json').scan(root));
    const manifests = ['package.json', 'web/package.json', ...workspaces];
    const ofManifests = manifests.map(async (path) => manifestFaults(path, await Bun.file(join(root, path)).json()));
    const lock = await Bun.file(join(root, 'bun.lock')).text();
    const locked = lockedPackages(lock);
    return [
      ...unverified(locked),
      ...belowFloor(locked),
      ...(await unlicensed(root, locked)),
      ...trustFaults('bun.lock', Bun.JSONC.parse(lock) as Manifest),
      ...installFaults(Bun.TOML.parse(await Bun.file(join(root, 'bunfig.toml')).text()) as BunSettings),
      ...(await Promise.all(ofManifests)).flat(),
    ];
  },
};

/** The packages of a lockfile that bun could not tell from a forged one: without a strong checksum, or not from the registry. */
export function unverified(locked: readonly LockedPackage[]): readonly string[] {
  return locked
    .filter(({ integrity, isFromRegistry }) => !integrity?.startsWith('sha512-') || !isFromRegistry)
    .map(({ name }) => `bun.lock: ${name} has no sha512 checksum, or comes from elsewhere than the registry`);
}

/** The packages that are older than the version that mended a known hole. */
export function belowFloor(locked: readonly LockedPackage[]): readonly string[] {
  return locked.flatMap(({ name, version, isFromRegistry }) => {
    // What comes from elsewhere has no version to compare, and is refused for that.
    if (!isFromRegistry) return [];
    const line = versionFloors[name]?.filter(({ since }) => since === undefined || order(version, since) >= 0);
    const floor = line?.at(-1);
    if (floor === undefined || order(version, floor.version) >= 0) return [];
    return [`bun.lock: ${name} ${version} has ${floor.hole}; ${floor.version} mends it`];
  });
}

const { order } = Bun.semver;

/** MPL-2.0 binds changes to its own files, OFL-1.1 is for fonts; none of these binds what is built with them. */
const licences =
  /^(MIT|MIT-0|ISC|Apache-2\.0|BSD-[23]-Clause|0BSD|BlueOak-1\.0\.0|CC0-1\.0|CC-BY-4\.0|Unlicense|Python-2\.0|PostgreSQL|MPL-2\.0|OFL-1\.1)$/;

/** Whether an SPDX expression lets us take the package: one of its alternatives is known. */
export const isKnownLicence = (expression: string): boolean =>
  expression
    .replace(/[()]/g, '')
    .split(' OR ')
    .some((part) => part.split(' AND ').every((one) => licences.test(one.trim())));

async function unlicensed(root: string, locked: readonly LockedPackage[]): Promise<readonly string[]> {
  const faults = locked.map(async (one) => {
    const licence = await licenceOf(root, one);
    return licence === undefined || isKnownLicence(licence) ? [] : [`bun.lock: ${one.name} is under ${licence}`];
  });
  return (await Promise.all(faults)).flat();
}

interface BunSettings {
  readonly install?: { exact?: boolean; minimumReleaseAge?: number; ignoreScripts?: boolean };
}

const weekSeconds = 604_800;

/** What the settings of the installer must say. */
export function installFaults({ install = {} }: BunSettings): readonly string[] {
  const { exact, minimumReleaseAge = 0, ignoreScripts } = install;
  return [
    ...(exact === true ? [] : ['bunfig.toml must set install.exact']),
    ...(ignoreScripts === true ? [] : ['bunfig.toml must set install.ignoreScripts']),
    ...(minimumReleaseAge >= weekSeconds ? [] : ['bunfig.toml must set install.minimumReleaseAge to a week']),
  ];
}

interface Manifest {
  readonly dependencies?: Record<string, string>;
  readonly devDependencies?: Record<string, string>;
  readonly trustedDependencies?: readonly string[];
}

const manifestFaults = (path: string, manifest: Manifest): readonly string[] => [
  ...unpinnedIn(path, manifest),
  ...trustFaults(path, manifest),
];

/** A package whose scripts may run at install does with this machine what it likes. */
function trustFaults(path: string, { trustedDependencies = [] }: Manifest): readonly string[] {
  return trustedDependencies.map((name) => `${path}: ${name} is trusted to run scripts when it is installed`);
}

function unpinnedIn(path: string, { dependencies = {}, devDependencies = {} }: Manifest): readonly string[] {
  return Object.entries({ ...dependencies, ...devDependencies })
    .filter(([, version]) => version !== 'workspace:*' && !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))
    .map(([name, version]) => `${path}: ${name} is "${version}", not one exact version`);
}
