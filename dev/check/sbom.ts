import { join } from 'node:path';
import { type LockedPackage, licenceOf, lockedPackages } from './locked-packages.ts';

/** A software bill of materials (CycloneDX 1.6) of every locked package, with its checksum, and its licence where it is installed here. */
export async function sbom(root: string) {
  const { name, version } = (await Bun.file(join(root, 'package.json')).json()) as { name: string; version: string };
  const locked = lockedPackages(await Bun.file(join(root, 'bun.lock')).text());
  return {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: { component: { type: 'application', name, version } },
    components: await Promise.all(locked.map((one) => componentOf(root, one))),
  };
}

async function componentOf(root: string, locked: LockedPackage) {
  const { name, version, integrity } = locked;
  const licence = await licenceOf(root, locked);
  return {
    type: 'library',
    name,
    version,
    purl: `pkg:npm/${name.replace('@', '%40')}@${version}`,
    ...(integrity === undefined ? {} : { hashes: [{ alg: 'SHA-512', content: hexOf(integrity) }] }),
    ...(licence === undefined ? {} : { licenses: [licenceEntry(licence)] }),
  };
}

const licenceEntry = (licence: string) =>
  licence.includes(' ') ? { expression: licence } : { license: { id: licence } };

const hexOf = (integrity: string): string => Buffer.from(integrity.replace('sha512-', ''), 'base64').toString('hex');
