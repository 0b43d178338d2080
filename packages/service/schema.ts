import type { FieldError } from '@chatapp/contract/problem';
import { TransformKind } from '@sinclair/typebox';
import { type TypeCheck, TypeCompiler, type ValueError, ValueErrorType } from '@sinclair/typebox/compiler';
import type { Static, TSchema } from 'elysia';

export interface CompiledSchema<T> {
  check(value: unknown): value is T;
  /** The first faults of a value, at most ten: paths and rules, never the values. */
  faults(value: unknown): FieldError[];
}

/** Compiles a contract schema once, for data that does not come through a route: frames, stream entries, others' answers. */
export const compileSchema = <S extends TSchema>(schema: S): CompiledSchema<Static<S>> => {
  const compiled: TypeCheck<TSchema> = TypeCompiler.Compile(inJson(schema));
  return {
    check: (value): value is Static<S> => compiled.Check(value),
    faults: (value) => fieldErrors(compiled.Errors(value)),
  };
};

/** The schema with its numbers alone: Elysia's also take the digits in a text, as paths and queries have them, and JSON has numbers. */
const inJson = (schema: TSchema): TSchema => {
  const forms: readonly TSchema[] | undefined = schema.anyOf;
  const number =
    TransformKind in schema ? forms?.find(({ type }) => type === 'integer' || type === 'number') : undefined;
  if (number !== undefined) return number;
  const { properties, items } = schema;
  return {
    ...schema,
    ...(forms && { anyOf: forms.map(inJson) }),
    ...(items && { items: Array.isArray(items) ? items.map(inJson) : inJson(items) }),
    ...(properties && {
      properties: Object.fromEntries(
        Object.entries<TSchema>(properties).map(([name, property]) => [name, inJson(property)]),
      ),
    }),
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
