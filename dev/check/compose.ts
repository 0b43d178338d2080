import { join } from 'node:path';
import Ajv from 'ajv';
import { parse } from 'yaml';
import type { Check } from './check.ts';
import { settingsByApp, type Variable } from './environment.ts';

export const compose: Check = {
  name: 'compose.yaml',
  mend: 'Mend compose.yaml by the Compose Specification, and hand each service every variable that its config file reads.',
  run: async (root) => {
    const text = await Bun.file(join(root, 'compose.yaml')).text();
    const schema = await Bun.file(join(root, 'node_modules/dclint/schemas/compose.schema.json')).json();
    return [...composeFaults(text, schema), ...handedFaults(text, await settingsByApp(root))];
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

/** For tests: no operator sets it. */
const leftOut = new Set(['FAILPOINT']);

/** Defaults that suit the YugabyteDB beside the services. */
const ofDatabase = new Map([['BATCH_COMMANDS_MAX', '128']]);

/** Variables that an app reads and its service in compose.yaml is not handed, or is handed with another default. */
export function handedFaults(text: string, settings: ReadonlyMap<string, readonly Variable[]>): readonly string[] {
  const { services = {} } = parse(text, { merge: true }) as Services;
  return [...settings].flatMap(([app, variables]) => {
    const handed = services[app]?.environment ?? {};
    return variables
      .filter(({ name }) => !leftOut.has(name))
      .flatMap(({ name, default: ofApp }) => {
        const usual = ofDatabase.get(name) ?? ofApp;
        if (!(name in handed)) return [`${app} is not handed ${name}`];
        // What is written out in full belongs to the containers, and not to whoever runs them.
        const given = /^\$\{([A-Z_]+):-([^{}]*)\}$/.exec(String(handed[name]));
        if (given === null || given[1] !== name || usual === undefined || given[2] === usual) return [];
        return [`${app} is handed another default of ${name}`];
      });
  });
}

interface Services {
  readonly services?: Record<string, { readonly environment?: Record<string, unknown> }>;
}
