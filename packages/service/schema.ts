import type { FieldError } from '@chatapp/contract/problem';
import { type TypeCheck, TypeCompiler, type ValueError } from '@sinclair/typebox/compiler';
import type { Static, TSchema } from 'elysia';

export interface CompiledSchema<T> {
  check(value: unknown): value is T;
  /** The first faults of a value, at most ten: paths and rules, never the values. */
  faults(value: unknown): FieldError[];
}

/** Compiles a contract schema once, for data that does not come through a route: frames, stream entries, others' answers. */
export const compileSchema = <S extends TSchema>(schema: S): CompiledSchema<Static<S>> => {
  const compiled: TypeCheck<S> = TypeCompiler.Compile(schema);
  return {
    check: (value): value is Static<S> => compiled.Check(value),
    faults: (value) => fieldErrors(compiled.Errors(value)),
  };
};

export const fieldErrors = (errors: Iterable<ValueError>): FieldError[] => {
  const found: FieldError[] = [];
  for (const { path, schema } of errors) {
    if (found.length === 10) break;
    found.push({ path: path || '/', code: ruleOf(schema) });
  }
  return found;
};

const rules = [
  'const',
  'pattern',
  'format',
  'minLength',
  'maxLength',
  'minimum',
  'maximum',
  'maxItems',
  'minProperties',
];

const ruleOf = (schema: TSchema): string => rules.find((rule) => rule in schema) ?? (schema.type as string) ?? 'shape';
