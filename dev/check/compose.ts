import { join } from 'node:path';
import Ajv from 'ajv';
import { parse } from 'yaml';
import type { Check } from './check.ts';

export const compose: Check = {
  name: 'compose.yaml',
  mend: 'Mend compose.yaml by the Compose Specification.',
  run: async (root) => {
    const text = await Bun.file(join(root, 'compose.yaml')).text();
    const schema = await Bun.file(join(root, 'node_modules/dclint/schemas/compose.schema.json')).json();
    return composeFaults(text, schema);
  },
};

/** What the text breaks of the schema, and services that wait for one that is not there. */
export function composeFaults(text: string, schema: { $schema?: string }): readonly string[] {
  const file: unknown = parse(text, { merge: true });
  const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false });
  // The schema names its dialect by an address that ajv does not know.
  const { $schema: _dialect, ...rules } = schema;
  const validate = ajv.compile(rules);
  if (!validate(file)) return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
  const { services = {} } = file as { services?: Record<string, { depends_on?: Record<string, unknown> | string[] }> };
  return Object.entries(services).flatMap(([name, { depends_on = {} }]) => {
    const needed = Array.isArray(depends_on) ? depends_on : Object.keys(depends_on);
    return needed
      .filter((other) => !(other in services))
      .map((other) => `${name} depends on ${other}, which is not there`);
  });
}
