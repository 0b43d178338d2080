/** What is looked at of a TypeBox schema. */
interface Schema {
  readonly type?: string;
  readonly pattern?: string;
  readonly const?: unknown;
  readonly minimum?: number;
  readonly anyOf?: readonly Schema[];
  readonly items?: Schema | readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
}
type ObjectSchema = Schema & { readonly properties: Readonly<Record<string, Schema>> };

/** A route as an app has registered it, with the schemas of what it takes. */
export interface HostedRoute {
  readonly method: string;
  readonly path: string;
  readonly hooks: unknown;
}

/** Fields that only a server sets, and names that JavaScript knows. */
export const serverFields = [
  ...['id', 'seq', 'rev', 'senderId', 'actorId', 'createdAt', 'createdBy', 'editedAt', 'deletedAt', 'version'],
  ...['tenantId', 'ownerId', 'myRole', 'isAdmin', 'kind', '__proto__', 'constructor', 'prototype', 'toString'],
] as const;

/** Texts that some program somewhere takes for something else. */
export const hostileTexts: readonly string[] = [
  ...[
    'a\u0000b',
    '\u0000',
    'a\u0001b',
    'a\u001bb',
    'a\u007fb',
    'a\u0085b',
    'a\rb',
    'a\r\nX-Evil: 1',
    'a\tb',
    'a\u2028b',
  ],
  ...['a\ud800b', '\udfff', 'a\ufeffb', 'a\u202eb', '\u200ea', 'a\u2066b', 'a\u200db', 'a\uffffb', 'a\u{10ffff}b'],
  ...['e\u0301', `e${'\u0301'.repeat(60)}`, '\u1e9b\u0323', '👨‍👩‍👧‍👦', ' \u00a0\u3000', '  a   b  '],
  ...["'; DROP TABLE users; --", '" OR 1=1 --', '$1', '%', '_', '\\', '\\u0000', '%00', '*', 'a:b', '{a}'],
  ...[
    '<script>alert(1)</script>',
    'javascript:alert(1)',
    '{{7*7}}',
    `\${7*7}`,
    '../../etc/passwd',
    '__proto__',
    'null',
  ],
  ...['x'.repeat(70), '😀'.repeat(2001), 'x'.repeat(9000)],
];

/** What may stand where an id should, and be read as a key, a pattern, a command or another path. */
export const hostileIds: readonly string[] = [
  ...[
    '*',
    '?',
    '[a-z]*',
    'a:b',
    '{0}',
    'a\r\nDEL x',
    'a\nb',
    '\u0000',
    ' ',
    "'",
    '"',
    "' OR '1'='1",
    '1; DROP TABLE users',
    '$1',
  ],
  ...[
    '...',
    '../x',
    'a/b',
    '\\',
    '%2e%2e',
    '-1',
    '0',
    '1e9',
    'null',
    'undefined',
    '__proto__',
    '00000000-0000-0000-0000-000000000000',
  ],
  ...['018F3C5E-0000-7000-8000-000000000001', '018f3c5e-0000-7000-8000-000000000001 ', 'x'.repeat(5000), '👍\u0000'],
];

/** The routes that take a JSON body, each with its schema, or once for each that it may be. A new one is among them by itself. */
export const bodiesOf = (routes: readonly HostedRoute[]): { method: string; path: string; body: ObjectSchema }[] =>
  routes.flatMap(({ method, path, hooks }) => {
    const { body } = hooks as { body?: Schema };
    const forms: readonly Schema[] = body === undefined ? [] : (body.anyOf ?? [body]);
    return forms.filter(isObject).map((form) => ({ method, path, body: form }));
  });

/** Every path once for each parameter and each hostile id in its place. A picture's file is no id. */
export const hostilePathsOf = (routes: readonly HostedRoute[]) =>
  routes.flatMap(({ method, path }) =>
    [...path.matchAll(/:\w+/g)]
      .filter(([name]) => name !== ':file')
      .flatMap(([name]) => hostileIds.map((id) => ({ method, path, name, id }))),
  );

/** Every path once for each parameter of its query and each hostile text or id in it, and that query. */
export const hostileQueriesOf = (routes: readonly HostedRoute[]) =>
  routes.flatMap(({ method, path, hooks }) => {
    const { query } = hooks as { query?: Schema };
    return Object.keys(query?.properties ?? {}).flatMap((name) =>
      [...hostileTexts, ...hostileIds].map((text) => ({
        ...{ method, path, name, text },
        query: `${name}=${encodeURIComponent(text.toWellFormed())}`,
      })),
    );
  });

/** What a body lacks to be taken: its required fields, or one where any would do. */
export const sampleOf = (schema: ObjectSchema): Record<string, unknown> => {
  const names = schema.required?.length ? schema.required : Object.keys(schema.properties).slice(0, 1);
  return Object.fromEntries(names.map((name) => [name, exampleOf(schema.properties[name])]));
};

/** The fields that are texts, or may be. */
export const textFieldsOf = (schema: ObjectSchema): string[] =>
  Object.entries(schema.properties).flatMap(([name, field]) => (mayBeText(field) ? [name] : []));

/** The body with another field, also one that a literal could not have. */
export const withField = (body: object, name: string, value: unknown): object =>
  Object.defineProperty({ ...body }, name, { value, enumerable: true, configurable: true, writable: true });

/** What of an answer's body the schema of its route does not list. */
export const unlistedIn = (
  routes: readonly HostedRoute[],
  { name, status, body }: { readonly name: string; readonly status: number; readonly body: unknown },
): string[] => {
  const route = routes.find(({ method, path }) => `${method} ${path}` === name);
  const { response } = (route?.hooks ?? {}) as { response?: Readonly<Record<number, Schema>> };
  return unlistedFields(response?.[status], body);
};

const unlistedFields = (schema: Schema | undefined, value: unknown, at = ''): string[] => {
  if (schema === undefined || typeof value !== 'object' || value === null) return [];
  if (Array.isArray(value)) {
    const { items } = schema;
    return value.flatMap((item, place) => unlistedFields(isList(items) ? items[place] : items, item, `${at}[]`));
  }
  const found = schema.anyOf?.map((one) => unlistedFields(one, value, at));
  if (found !== undefined) return found.toSorted((one, other) => one.length - other.length)[0] ?? [];
  if (!isObject(schema)) return [];
  return Object.entries(value).flatMap(([name, field]) =>
    Object.hasOwn(schema.properties, name)
      ? unlistedFields(schema.properties[name], field, `${at}.${name}`)
      : [`${at}.${name}`],
  );
};

const isList = (items: Schema['items']): items is readonly Schema[] => Array.isArray(items);

const isObject = (schema: Schema): schema is ObjectSchema =>
  schema.type === 'object' && schema.properties !== undefined;

const mayBeText = (schema: Schema): boolean => schema.type === 'string' || (schema.anyOf?.some(mayBeText) ?? false);

const candidates = ['text', '018f3c5e-0000-7000-8000-000000000001', 'ann@example.test', '/picture.png', 'x'.repeat(43)];

const exampleOf = (schema: Schema | undefined): unknown => {
  if (schema === undefined) return undefined;
  if (schema.const !== undefined) return schema.const;
  if (schema.anyOf) return exampleOf(schema.anyOf.find(({ type }) => type === 'integer') ?? schema.anyOf[0]);
  switch (schema.type) {
    case 'string':
      return candidates.find((text) => new RegExp(schema.pattern ?? '').test(text));
    case 'boolean':
      return true;
    case 'integer':
      return schema.minimum ?? 1;
    case 'array':
      return [];
    default:
      return null;
  }
};
