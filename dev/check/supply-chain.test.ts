import { describe, expect, it } from 'bun:test';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '../testing/temporary.ts';
import { lockedPackages } from './locked-packages.ts';
import { belowFloor, installFaults, isKnownLicence, lockfile, unverified } from './lockfile.ts';
import { sbom } from './sbom.ts';
import { secrets, secretsIn } from './secrets.ts';
import { versionFloors } from './version-floors.ts';

const root = join(import.meta.dir, '../..');

describe('what is installed', () => {
  const lock = (entry: string) => lockedPackages(`{ "packages": { "x": ${entry}, }, }`);

  it('S47: holds every rule in this repository', async () => {
    expect(await lockfile.run(root)).toEqual([]);
  });

  it('lets a package of the registry with its checksum be, and a workspace', () => {
    expect(unverified(lock('["x@1.0.0", "", {}, "sha512-abc"]'))).toEqual([]);
    expect(unverified(lock('["x@workspace:apps/x"]'))).toEqual([]);
  });

  it.each([
    '["x@1.0.0", "", {}]',
    '["x@1.0.0", "", {}, "sha1-abc"]',
    '["x@1.0.0", "https://elsewhere.test", {}, "sha512-abc"]',
    '["x@git+ssh://x"]',
  ])('S47: is refused where bun could not tell it from a forgery: %s', (entry) => {
    expect(unverified(lock(entry))).toHaveLength(1);
  });

  const floorFaults = (spec: string) => belowFloor(lock(`["${spec}", "", {}, "sha512-abc"]`));

  it.each(['elysia@1.4.26', 'ws@8.21.0', 'cookie@0.6.0', 'nanoid@3.3.17', 'nanoid@5.1.15'])(
    'S47: is refused with a hole that is known: %s',
    (spec) => expect(floorFaults(spec)).toHaveLength(1),
  );

  it('S47: is taken from the version on that mended the hole, in each line of versions', () => {
    for (const [name, floors] of Object.entries(versionFloors)) {
      for (const { version, hole } of floors) {
        expect([name, floorFaults(`${name}@${version}`)]).toEqual([name, []]);
        expect(hole).toMatch(/^(CVE-\d{4}-\d{4,6}|GHSA(-[23456789cfghjmpqrvwx]{4}){3})$/);
      }
    }
    expect(floorFaults('nanoid@3.3.18')).toEqual([]);
  });

  /** What the check reads of this repository, as on a machine where no package is installed. */
  const copy = () => {
    const to = temporaryFolder('supply-chain');
    const manifests = [...new Bun.Glob('{apps,packages}/*/package.json').scanSync(root)];
    for (const path of [...manifests, 'package.json', 'web/package.json', 'bun.lock', 'bunfig.toml']) {
      cpSync(join(root, path), join(to, path), { recursive: true });
    }
    mkdirSync(join(to, 'node_modules/.bun'), { recursive: true });
    return to;
  };
  const breakIn = (folder: string, path: string, change: (text: string) => string) => {
    const before = readFileSync(join(folder, path), 'utf8');
    const after = change(before);
    expect(after).not.toBe(before);
    writeFileSync(join(folder, path), after);
  };
  const elysia = /("elysia": \[")elysia@[^"]+(", )"", (\{.*?\}), "sha512-[^"]+"/;

  it.each<[string, string, (text: string) => string]>([
    ['an older version', 'bun.lock', (text) => text.replace(/"elysia@[^"]+"/, '"elysia@1.4.26"')],
    ['no checksum', 'bun.lock', (text) => text.replace(elysia, '$1elysia@1.4.30$2"", $3')],
    [
      'a package of a git server',
      'bun.lock',
      (text) => text.replace(elysia, '$1elysia@git+ssh://git@x.test/e#a1$2$3, "a1"'),
    ],
    [
      'a package of a web server',
      'bun.lock',
      (text) => text.replace(elysia, '$1elysia@http://x.test/e.tgz$2$3, "sha512-a"'),
    ],
    [
      'another registry',
      'bun.lock',
      (text) => text.replace(elysia, '$1elysia@1.4.30$2"http://x.test/", $3, "sha512-a"'),
    ],
    ['a script that may run', 'bun.lock', (text) => text.replace('{', '{ "trustedDependencies": ["elysia"],')],
    ['a script that may run', 'package.json', (text) => text.replace('{', '{ "trustedDependencies": ["elysia"],')],
    ['scripts', 'bunfig.toml', (text) => text.replace('ignoreScripts = true', '')],
    ['a release of today', 'bunfig.toml', (text) => text.replace(/minimumReleaseAge = \d+/, '')],
    [
      'a release of yesterday',
      'bunfig.toml',
      (text) => text.replace(/minimumReleaseAge = \d+/, 'minimumReleaseAge = 86400'),
    ],
    ['a range of versions', 'apps/bff/package.json', (text) => text.replace('"elysia": "', '"elysia": "^')],
  ])('S47: turns the check red with %s in %s, and nothing else', async (_what, path, change) => {
    const folder = copy();
    expect(await lockfile.run(folder)).toEqual([]);
    breakIn(folder, path, change);
    const faults = await lockfile.run(folder);
    expect(faults).toHaveLength(1);
    expect(faults[0]).toContain(path);
  });

  it('S47: is refused under a licence that binds us', () => {
    for (const good of ['MIT', '(MIT OR GPL-3.0-only)', 'MIT OR Apache-2.0', 'MIT AND ISC']) {
      expect([good, isKnownLicence(good)]).toEqual([good, true]);
    }
    for (const bad of ['GPL-3.0-only', 'AGPL-3.0', 'MIT AND GPL-3.0-only', 'SEE LICENSE IN LICENSE', 'none', '']) {
      expect([bad, isKnownLicence(bad)]).toEqual([bad, false]);
    }
  });

  it('S47: comes by settings that run no scripts and wait for a week', () => {
    expect(installFaults({ install: { exact: true, ignoreScripts: true, minimumReleaseAge: 604_800 } })).toEqual([]);
    expect(installFaults({ install: { minimumReleaseAge: 86_400 } })).toHaveLength(3);
  });

  it('S47: is listed with checksums and licences, each package once', async () => {
    const { components } = await sbom(root);
    const names = components.map(({ purl }) => purl);
    expect(new Set(names).size).toBe(names.length);
    expect(names.length).toBeGreaterThan(100);
    const elysia = components.find(({ name }) => name === 'elysia');
    expect(elysia).toMatchObject({
      hashes: [{ content: expect.stringMatching(/^[0-9a-f]{128}$/) }],
      licenses: [{ license: { id: 'MIT' } }],
    });
  });
});

describe('secrets', () => {
  it('S46: are in no file of this repository', async () => {
    expect(await secrets.run(root)).toEqual([]);
  });

  const long = 'a1B2'.repeat(16);
  it.each([
    ['-----BEGIN PRIVATE', `KEY-----\n${long}\n`].join(' '),
    `{"kty":"EC","${'d'}":"${long.slice(0, 43)}"}`,
    `ey${'J'}${long}.ey${'J'}${long}.${long}`,
    `authorization: ${'Bearer'} ${long}.${long}`,
    `__Host-Http-${'session'}-3000=${long.slice(0, 43)}`,
    `AK${'IA'}ABCDEFGHIJKLMNOP`,
    `gh${'p_'}${long.slice(0, 36)}`,
    `postgres://owner:${long}@db/chat`,
  ])('S46: are seen where they are: %s', (text) => {
    expect(secretsIn(`before ${text} after`)).toHaveLength(1);
  });

  it('are not seen in what only speaks of them', () => {
    for (const text of [
      'Bearer <token>',
      'eyJ',
      'postgres://chatapp:development-chatapp@db',
      '-----BEGIN PRIVATE KEY-----',
    ]) {
      expect([text, secretsIn(text)]).toEqual([text, []]);
    }
  });
});
