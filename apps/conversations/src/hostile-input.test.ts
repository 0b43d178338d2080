import { beforeAll, describe, expect, it } from 'bun:test';
import {
  bodiesOf,
  hostilePathsOf,
  hostileQueriesOf,
  hostileTexts,
  sampleOf,
  serverFields,
  textFieldsOf,
  withField,
} from '../../../dev/testing/hostile-input.ts';
import type { Call } from '../testing/service.ts';
import { serviceForFile } from '../testing/service-for-file.ts';

const service = serviceForFile();
let group = '';
beforeAll(async () => {
  group = await service.group({ bob: 'member' });
}, 60_000);

const callerOf = (path: string): Call => {
  if (!path.startsWith('/internal/')) return service.as.ann;
  return /users\/:id$/.test(path) ? service.bff : service.messages;
};
const pathOf = (pattern: string) =>
  pattern.replace(/^\/conversations\/:id/, `/conversations/${group}`).replace(/:\w+/g, () => crypto.randomUUID());
const routes = () => bodiesOf(service.app.routes);

describe('a body', () => {
  it('S29: sets nothing that is the service’s to set, whatever route takes it', async () => {
    expect(routes().length).toBeGreaterThan(9);
    for (const { method, path, body } of routes()) {
      for (const name of serverFields.filter((field) => !Object.hasOwn(body.properties, field))) {
        const answer = await callerOf(path)(method, pathOf(path), withField(sampleOf(body), name, 'x'));
        expect([method, path, name, answer.status, answer.body.errors]).toEqual([
          ...[method, path, name, 422],
          expect.arrayContaining([expect.objectContaining({ path: `/${name}` })]),
        ]);
      }
    }
  });

  /** As texts of one line are kept. */
  const kept = (text: string) => text.replace(/\s+/gu, ' ').trim().normalize('NFC');

  it('S39: with a hostile text in whatever field is refused, or kept as it came', async () => {
    const taken = new Set<string>();
    for (const { method, path, body } of routes()) {
      for (const field of textFieldsOf(body)) {
        for (const text of hostileTexts) {
          const { status, body: told } = await callerOf(path)(method, pathOf(path), {
            ...sampleOf(body),
            [field]: text,
          });
          const what = [method, path, field, text];
          expect([...what, status < 500]).toEqual([...what, true]);
          if (status >= 300 || typeof told?.[field] !== 'string') continue;
          taken.add(`${method} ${path} ${field}`);
          expect([what, [text, kept(text)].includes(told[field])]).toEqual([what, true]);
        }
      }
    }
    expect([...taken]).toEqual(
      expect.arrayContaining(['POST /conversations name', 'PATCH /conversations/:id topic', 'PATCH /me name']),
    );
  });

  it('S39: with something else than a text in whatever field is refused', async () => {
    for (const { method, path, body } of routes()) {
      for (const field of textFieldsOf(body)) {
        for (const value of [7, true, {}, [], ['x'], { $gt: '' }]) {
          const answer = await callerOf(path)(method, pathOf(path), { ...sampleOf(body), [field]: value });
          if (body.properties[field]?.type === 'boolean') continue;
          expect([method, path, field, value, answer.status]).toEqual([method, path, field, value, 422]);
        }
      }
    }
  });
});

describe('a path and a query', () => {
  it('S40: find nothing, and break nothing, by what is no id', async () => {
    const before = await contents();
    for (const { method, path, name, id } of hostilePathsOf(service.app.routes)) {
      const asked = pathOf(path.replace(name, '(hostile)')).replace('(hostile)', encodeURIComponent(id));
      const { status } = await callerOf(path)(method, asked, method === 'GET' ? undefined : {});
      const what = [method, path, name, id];
      expect([...what, [400, 404, 405, 415, 422].includes(status)]).toEqual([...what, true]);
    }
    expect(await contents()).toEqual(before);
  });

  it('S39, S40: with a hostile text in whatever parameter are refused, or find nothing', async () => {
    for (const { method, path, name, text, query } of hostileQueriesOf(service.app.routes)) {
      const { status } = await callerOf(path)(method, `${pathOf(path)}?${query}`);
      expect([method, path, name, text, status < 500]).toEqual([method, path, name, text, true]);
    }
  });

  /** How many rows each table has. */
  const contents = async () => {
    const tables = await service.sql<{ name: string }[]>`
      SELECT tablename AS name FROM pg_tables WHERE schemaname = current_schema() ORDER BY 1`;
    return await Promise.all(
      tables.map(async ({ name }) => [name, ...(await service.sql`SELECT count(*) FROM ${service.sql(name)}`)]),
    );
  };
});
