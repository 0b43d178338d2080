import type { FieldError } from '@chatapp/contract/problem';
import { type TypeCheck, TypeCompiler, type ValueError, ValueErrorType } from '@sinclair/typebox/compiler';
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
  for (const error of errors) {
    if (found.length === 10) break;
    found.push({ path: error.path || '/', code: ruleOf(error) });
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

/** The rule that was broken, by the name of the error (`StringMaxLength`): a schema may hold several. */
const ruleOf = ({ type, schema }: ValueError): string => {
  const name = ValueErrorType[type].toLowerCase();
  return (
    rules.find((rule) => rule in schema && name.endsWith(rule.toLowerCase())) ??
    rules.find((rule) => rule in schema && rule === 'const') ??
    (schema.type as string) ??
    'shape'
  );
};
