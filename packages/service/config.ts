import type { Static, TSchema } from 'elysia';
import { compileSchema } from './schema.ts';

/** One variable of the environment: its name, what it means, and how its text is read. */
export interface Setting<T> {
  readonly name: string;
  readonly about: string;
  /** As `.env.example` shows it; undefined where the variable must be set. */
  readonly default: string | undefined;
  readonly required: boolean;
  /** The value, or the rule that the text breaks ("a whole number from 1 to 65535"). */
  readonly read: (text: string) => { value: T } | { fault: string };
}

export type Settings = Record<string, Setting<unknown>>;
export type Config<S extends Settings> = { readonly [Key in keyof S]: S[Key] extends Setting<infer T> ? T : never };

/** Every fault of the environment in one error: names and rules, never values, which may be secrets. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  constructor(readonly faults: readonly string[]) {
    super(`The configuration is not valid:\n${faults.map((fault) => `  ${fault}`).join('\n')}`);
  }
}

/** Reads all settings at once. An empty variable counts as not set. Throws `ConfigError` with all faults together. */
export const readConfig = <S extends Settings>(
  settings: S,
  environment: Record<string, string | undefined>,
): Config<S> => {
  const faults: string[] = [];
  const values = Object.entries(settings).map(([key, setting]) => {
    const text = environment[setting.name] || setting.default;
    if (text === undefined || text === '') {
      if (setting.required) faults.push(`${setting.name} is not set: ${setting.about}`);
      return [key, undefined];
    }
    const result = setting.read(text);
    if ('fault' in result) faults.push(`${setting.name} must be ${result.fault}: ${setting.about}`);
    return [key, 'value' in result ? result.value : undefined];
  });
  if (faults.length > 0) throw new ConfigError(faults);
  return Object.fromEntries(values) as Config<S>;
};

/** The same configuration where nothing is wrong with it. Throws `ConfigError` with all faults together. */
export const withoutFaults = <C>(config: C, faults: readonly string[]): C => {
  if (faults.length > 0) throw new ConfigError(faults);
  return config;
};

interface Declaration {
  readonly about: string;
  readonly default?: string;
}

const declare = <T>(name: string, declaration: Declaration, read: Setting<T>['read']): Setting<T> => ({
  name,
  about: declaration.about,
  default: declaration.default,
  required: declaration.default === undefined,
  read,
});

/** The same setting where its absence is an answer too. */
export const optional = <T>(setting: Setting<T>): Setting<T | undefined> => ({ ...setting, required: false });

export const text = (name: string, declaration: Declaration): Setting<string> =>
  declare(name, declaration, (value) => ({ value }));

export const integer = (
  name: string,
  { min, max, ...declaration }: Omit<Declaration, 'default'> & { default?: number; min: number; max: number },
): Setting<number> => {
  const rule = { fault: `a whole number from ${min} to ${max}` };
  const { default: initial, about } = declaration;
  return declare(name, initial === undefined ? { about } : { about, default: String(initial) }, (value) => {
    const number = Number(value);
    return /^-?\d+$/.test(value) && number >= min && number <= max ? { value: number } : rule;
  });
};

export const oneOf = <const T extends string>(
  name: string,
  values: readonly T[],
  declaration: Declaration,
): Setting<T> =>
  declare(name, declaration, (value) => {
    const found = values.find((candidate) => candidate === value);
    return found === undefined ? { fault: `one of ${values.join(', ')}` } : { value: found };
  });

/** An absolute URL of one of the schemes, without a slash at its end. */
export const url = (name: string, schemes: readonly string[], declaration: Declaration): Setting<string> =>
  declare(name, declaration, (value) => readUrl(value, schemes));

/** A comma list of absolute URLs: the instances of one service. */
export const urls = (name: string, schemes: readonly string[], declaration: Declaration): Setting<readonly string[]> =>
  declare(name, declaration, (value) => {
    const results = value.split(',').map((part) => readUrl(part.trim(), schemes));
    const fault = results.find((result) => 'fault' in result);
    if (fault) return { fault: `a comma list, each ${fault.fault}` };
    return { value: results.flatMap((result) => ('value' in result ? [result.value] : [])) };
  });

const readUrl = (value: string, schemes: readonly string[]): { value: string; fault?: never } | { fault: string } => {
  const parsed = URL.canParse(value) ? new URL(value) : undefined;
  if (!parsed || !schemes.includes(parsed.protocol.slice(0, -1))) return { fault: `a URL (${schemes.join(' or ')})` };
  return { value: value.replace(/\/+$/, '') };
};

/** A list of objects as JSON, each by the schema. */
export const jsonList = <S extends TSchema>(
  name: string,
  schema: S,
  declaration: Declaration,
): Setting<readonly Static<S>[]> => {
  const { check } = compileSchema(schema);
  return declare(name, declaration, (value) => {
    const rule = { fault: 'a JSON list, each of its entries with the fields that it needs and no others' };
    try {
      const list: unknown = JSON.parse(value);
      return Array.isArray(list) && list.every((entry) => check(entry)) ? { value: list } : rule;
    } catch {
      return rule;
    }
  });
};
