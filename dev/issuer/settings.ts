import { type HabitName, habitNames, issuerNameWith } from './habits.ts';

/** What the issuer's process is told by its environment. */
export type Settings = {
  port: number;
  /** Where it listens; the loopback addresses unless `ISSUER_HOST` names another. */
  hosts: readonly string[];
  issuer: string;
  dataDir: string;
  keysDir: string;
  publicUrl: string;
  /** Where mails land that no server sends; without it there is no page for them. */
  mailDir: string | undefined;
  accessTokenSeconds: number;
  machineTokenSeconds: number;
  testControls: boolean;
  /** How many people there are beside the seeded ones, for load tests. */
  extraPeople: number;
  /** Whose ways it takes on; none unless a test says so. */
  habit: HabitName | undefined;
};

/** Reads the environment; throws one error that names every variable that is missing or wrong, without its value. */
export function readSettings(env: Record<string, string | undefined>): Settings {
  const faults: string[] = [];
  const text = (name: string): string => {
    const value = env[name];
    if (!value) faults.push(`${name} is missing`);
    return value ?? '';
  };
  const integer = (name: string, fallback: number | undefined, max: number, min = 1): number => {
    const value = env[name] ? Number(env[name]) : fallback;
    if (value === undefined) faults.push(`${name} is missing`);
    else if (!Number.isInteger(value) || value < min || value > max)
      faults.push(`${name} must be a whole number from ${min} to ${max}`);
    return value ?? 0;
  };
  const origin = (name: string, fallback?: string): string => {
    const value = env[name] || (fallback ?? text(name));
    if (value && !/^https?:\/\/[^/?#]+\/?$/.test(value))
      faults.push(`${name} must be an http or https origin without a path`);
    return value.replace(/\/$/, '');
  };

  const habit = habitNames.find((name) => name === env.ISSUER_HABITS);
  if (env.ISSUER_HABITS && habit === undefined) faults.push(`ISSUER_HABITS must be one of ${habitNames.join(', ')}`);
  const port = integer('PORT', undefined, 65_535);
  const settings: Settings = {
    port,
    hosts: env.ISSUER_HOST ? [env.ISSUER_HOST] : ['127.0.0.1', '::1'],
    issuer: issuerNameWith(habit, origin('ISSUER', `http://localhost:${port}`)),
    dataDir: text('DATA_DIR'),
    keysDir: text('KEYS_DIR'),
    publicUrl: origin('PUBLIC_URL'),
    mailDir: env.MAIL_DIR || undefined,
    accessTokenSeconds: integer('ACCESS_TOKEN_SECONDS', 300, 86_400),
    // Services renew theirs before half of it is over, so an outage of a quarter of an hour goes by unnoticed.
    machineTokenSeconds: integer('MACHINE_TOKEN_SECONDS', 3600, 86_400),
    testControls: env.TEST_CONTROLS === '1',
    extraPeople: integer('EXTRA_PEOPLE', 0, 999, 0),
    habit,
  };
  if (faults.length > 0) throw new Error(`The issuer cannot start: ${faults.join('; ')}.`);
  return settings;
}
