// `bun dev/sbom.ts`: what the product is made of, as CycloneDX 1.6 on standard output, out of bun.lock and what is installed.
import { join } from 'node:path';
import { sbom } from './check/sbom.ts';

console.log(JSON.stringify(await sbom(join(import.meta.dir, '..')), null, 2));
