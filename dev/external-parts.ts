import { answersQueries } from './postgres.ts';
import { answersPing } from './redis.ts';
import { StartError } from './start-error.ts';

const parts = {
  DATABASE_URL: { name: 'database', answers: answersQueries },
  // The plain-text question cannot be asked over TLS: there the services will tell.
  REDIS_URL: { name: 'Redis', answers: async (url: string) => url.startsWith('rediss:') || (await answersPing(url)) },
  OIDC_ISSUER: { name: 'issuer', answers: describesItself },
};

/** What names a part that is not ours. */
export type ExternalVariable = keyof typeof parts;

/** Throws where such a part does not answer; the URL stays out of the words: it may hold a password. */
export async function requireAnswer(variable: ExternalVariable, url: string): Promise<void> {
  const { name, answers } = parts[variable];
  if (await answers(url)) return;
  throw new StartError(
    `${variable} names ${name === 'issuer' ? 'an' : 'a'} ${name} that does not answer.`,
    'Start it, correct the URL, or unset the variable to use the embedded part.',
  );
}

async function describesItself(issuer: string): Promise<boolean> {
  try {
    const url = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
    return (await fetch(url, { signal: AbortSignal.timeout(5_000) })).ok;
  } catch {
    return false;
  }
}
