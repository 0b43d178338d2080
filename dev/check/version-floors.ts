/** A version that mended a known hole. */
export interface VersionFloor {
  readonly version: string;
  /** Its number in the CVE list or in GitHub's advisories, where it names this version as the first without it. */
  readonly hole: string;
  /** Where a later line was mended by a version of its own: that line begins here. */
  readonly since?: string;
}

/**
 * Below these a package has a hole that is known, the highest of each line. Packages that only others bring along are here too, and some that came with a
 * former version of a tool: they would be the first to come back. No floor without an advisory.
 */
export const versionFloors: Record<string, readonly VersionFloor[]> = {
  '@babel/helpers': [{ version: '7.26.10', hole: 'CVE-2025-27789' }],
  '@babel/traverse': [{ version: '7.23.2', hole: 'CVE-2023-45133' }],
  ajv: [{ version: '8.18.0', hole: 'CVE-2025-69873' }],
  'ansi-regex': [{ version: '6.0.1', hole: 'CVE-2021-3807' }],
  braces: [{ version: '3.0.3', hole: 'CVE-2024-4068' }],
  cookie: [{ version: '0.7.0', hole: 'CVE-2024-47764' }],
  'cross-spawn': [{ version: '7.0.5', hole: 'CVE-2024-21538' }],
  'drizzle-orm': [{ version: '0.45.2', hole: 'CVE-2026-39356' }],
  elysia: [{ version: '1.4.27', hole: 'CVE-2026-31865' }],
  'engine.io': [{ version: '6.6.7', hole: 'CVE-2026-59725' }],
  esbuild: [{ version: '0.25.0', hole: 'GHSA-67mh-4wv8-2f99' }],
  'fast-uri': [{ version: '3.1.7', hole: 'CVE-2026-84292' }],
  'file-type': [{ version: '21.3.1', hole: 'CVE-2026-31808' }],
  'follow-redirects': [{ version: '1.16.0', hole: 'CVE-2026-40895' }],
  'happy-dom': [{ version: '20.8.9', hole: 'GHSA-w4gp-fjgq-3q4g' }],
  'http-proxy': [{ version: '1.18.1', hole: 'GHSA-6x33-pw7p-hmpq' }],
  jose: [{ version: '4.15.5', hole: 'CVE-2024-28176' }],
  'js-yaml': [{ version: '4.3.1', hole: 'GHSA-5p4m-2wfm-xmqj' }],
  json5: [{ version: '2.2.2', hole: 'CVE-2022-46175' }],
  koa: [{ version: '3.1.2', hole: 'CVE-2026-27959' }],
  micromatch: [{ version: '4.0.8', hole: 'CVE-2024-4067' }],
  nanoid: [
    { version: '3.3.18', hole: 'CVE-2026-67213' },
    { version: '5.1.16', hole: 'CVE-2026-67214', since: '4.0.0' },
  ],
  nodemailer: [{ version: '9.1.1', hole: 'GHSA-8m3c-c648-2xjj' }],
  picomatch: [{ version: '4.0.4', hole: 'CVE-2026-33671' }],
  postcss: [{ version: '8.5.10', hole: 'CVE-2026-41305' }],
  semver: [
    { version: '6.3.1', hole: 'CVE-2022-25883' },
    { version: '7.5.2', hole: 'CVE-2022-25883', since: '7.0.0' },
  ],
  seroval: [{ version: '1.6.2', hole: 'CVE-2026-104846' }],
  'socket.io': [{ version: '4.6.2', hole: 'CVE-2024-38355' }],
  'socket.io-parser': [{ version: '4.2.7', hole: 'CVE-2026-69185' }],
  'solid-js': [{ version: '1.9.4', hole: 'CVE-2025-27109' }],
  vite: [{ version: '8.0.16', hole: 'GHSA-fx2h-pf6j-xcff' }],
  ws: [{ version: '8.21.1', hole: 'CVE-2026-62389' }],
  yaml: [{ version: '2.8.3', hole: 'CVE-2026-33532' }],
  zod: [{ version: '3.22.3', hole: 'CVE-2023-4316' }],
};
