import type { Check } from './check.ts';
import { readSourceFiles } from './source-files.ts';

export const secrets: Check = {
  name: 'secrets',
  mend: 'Take the secret out of the file and out of the history, and replace it where it is used: it is known now.',
  run: async (root) => {
    const files = await readSourceFiles(root, ['']);
    return files.flatMap(({ path, text }) =>
      secretsIn(text)
        // A test makes up addresses.
        .filter((kind) => kind !== passwordInAddress || !path.endsWith('.test.ts'))
        .map((kind) => `${path} holds ${kind}`),
    );
  },
};

const passwordInAddress = 'a password in an address';

/** What a secret looks like: whole ones, not the names and beginnings that code and tests speak of. */
const kinds: Record<string, RegExp> = {
  'a private key (PEM)': /-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----\s*[A-Za-z0-9+/=\s]{64}/,
  'a private key (JWK)': /"d"\s*:\s*"[\w-]{40,}"/,
  'a signed token': /\beyJ[\w-]{15,}\.eyJ[\w-]{15,}\.[\w-]{40,}/,
  'a Bearer token': /\bBearer [\w-]{20,}\.[\w-]{20,}/,
  'a session cookie': /__Host-Http-session(?:-\d+)?=[\w-]{43}\b/,
  'a key of a cloud provider': /\b(?:AKIA|ASIA)[0-9A-Z]{16}\b|\bAIza[\w-]{35}\b/,
  'a token of a code host or registry': /\b(?:gh[pousr]_\w{36}|github_pat_\w{60}|glpat-[\w-]{20}|npm_\w{36})\b/,
  'a token of a chat service': /\bxox[abprs]-[\w-]{20,}/,
  [passwordInAddress]: /\b[a-z+]+:\/\/[\w.-]+:(?!development-|test\b|password\b|secret\b|x\b)[^\s:@/'"`${}<>]{12,}@/,
};

/** The kinds of secrets that a text holds, for a file of the repository and for a log alike. */
export function secretsIn(text: string): readonly string[] {
  return Object.entries(kinds).flatMap(([kind, pattern]) => (pattern.test(text) ? [kind] : []));
}
