/** Below these a package has a hole that is known: the version that mended it, and the hole's number. */
export const versionFloors: Record<string, { readonly version: string; readonly hole: string }> = {
  '@babel/helpers': { version: '7.26.10', hole: 'CVE-2025-27789' },
  braces: { version: '3.0.3', hole: 'CVE-2024-4068' },
  cookie: { version: '0.7.0', hole: 'CVE-2024-47764' },
  'cross-spawn': { version: '7.0.5', hole: 'CVE-2024-21538' },
  elysia: { version: '1.4.27', hole: 'CVE-2026-31865' },
  'engine.io': { version: '6.4.2', hole: 'CVE-2023-31125' },
  esbuild: { version: '0.25.0', hole: 'GHSA-67mh-4wv8-2f99' },
  koa: { version: '3.0.1', hole: 'CVE-2025-8129' },
  micromatch: { version: '4.0.8', hole: 'CVE-2024-4067' },
  nanoid: { version: '3.3.8', hole: 'CVE-2024-55565' },
  nodemailer: { version: '7.0.7', hole: 'CVE-2025-13033' },
  postcss: { version: '8.4.31', hole: 'CVE-2023-44270' },
  'socket.io-parser': { version: '4.2.3', hole: 'CVE-2023-32695' },
  'solid-js': { version: '1.9.4', hole: 'CVE-2025-27109' },
  ws: { version: '8.17.1', hole: 'CVE-2024-37890' },
  yaml: { version: '2.2.2', hole: 'CVE-2023-2251' },
};
