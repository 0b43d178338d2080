import { resolve } from 'node:path';
import { StartError } from './start-error.ts';

/** What `bun start` was told, by its environment and its arguments. */
export type StackSettings = {
  /** The folder of the project. */
  root: string;
  dataDir: string;
  /** The BFF's. */
  port: number;
  /** How many processes of each service. */
  replicas: number;
  publicUrl: string;
  /** The parts that are not ours. */
  external: { databaseUrl?: string; redisUrl?: string; issuer?: string };
  /** What every process inherits. */
  env: Record<string, string | undefined>;
};

/** Reads the settings of the embedded stack; one that is wrong is named, with what it may be. */
export function readSettings(
  root: string,
  env: Record<string, string | undefined>,
  args: readonly string[],
): StackSettings {
  const port = wholeNumber('PORT', given(env.PORT) ?? '3000', 1, 65_535);
  return {
    root,
    dataDir: resolve(given(env.CHATAPP_DATA_DIR) ?? resolve(root, '.data')),
    port,
    replicas: wholeNumber('--replicas', replicasArgument(args), 1, 16),
    publicUrl: `http://localhost:${port}`,
    ...url('PUBLIC_URL', 'publicUrl', env.PUBLIC_URL, /^https?:$/),
    external: {
      ...url('DATABASE_URL', 'databaseUrl', env.DATABASE_URL, /^postgres(ql)?:$/),
      ...url('REDIS_URL', 'redisUrl', env.REDIS_URL, /^rediss?:$/),
      ...url('OIDC_ISSUER', 'issuer', env.OIDC_ISSUER, /^https?:$/),
    },
    env,
  };
}

function replicasArgument(args: readonly string[]): string {
  const [name, value, ...rest] = args.flatMap((argument) => argument.split('='));
  if (name === undefined) return '1';
  if (name !== '--replicas' || value === undefined || rest.length > 0) {
    throw new StartError(`Unknown arguments: ${args.join(' ')}.`, 'The one there is: `bun start --replicas 2`.');
  }
  return value;
}

function wholeNumber(name: string, text: string, min: number, max: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= min && value <= max) return value;
  throw new StartError(`${name} is "${text}".`, `Give it a whole number from ${min} to ${max}.`);
}

function url<Name extends string>(
  variable: string,
  name: Name,
  value: string | undefined,
  protocol: RegExp,
): { [Key in Name]?: string } {
  const text = given(value);
  if (text === undefined) return {};
  // The value stays out of the message: it may hold a password.
  if (!URL.canParse(text) || !protocol.test(new URL(text).protocol)) {
    throw new StartError(
      `${variable} is not a URL of its kind.`,
      'Correct it, or unset it: then `bun start` brings its own.',
    );
  }
  return { [name]: text } as { [Key in Name]?: string };
}

// An empty variable counts as unset, as in a copied .env.example.
const given = (value: string | undefined): string | undefined => (value === '' ? undefined : value);
