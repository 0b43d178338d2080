import { describe, expect, it } from 'bun:test';
import { join } from 'node:path';
import { lockedPackages } from './locked-packages.ts';
import { belowFloor, installFaults, isKnownLicence, lockfile, unverified } from './lockfile.ts';
import { sbom } from './sbom.ts';
import { secrets, secretsIn } from './secrets.ts';

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

  it.each(['elysia@1.4.26', 'ws@8.17.0', 'cookie@0.6.0'])('S47: is refused with a hole that is known: %s', (spec) => {
    expect(belowFloor(lock(`["${spec}", "", {}, "sha512-abc"]`))).toHaveLength(1);
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
