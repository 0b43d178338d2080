import { type Person, signIn } from '../../dev/testing/person.ts';
import type { Chaos, Fault } from '../fault.ts';
import { resourcesOf } from '../stack/resources.ts';
import { othersLag } from './others-lag.ts';

const megabyte = 1024 * 1024;
const grownMbMax = 50;
const refusals = new Set([400, 404, 413, 415, 422]);

export const hostilePayloads: Fault = {
  id: 'F41',
  title: 'huge bodies, deep JSON, a zip bomb',
  recoveryMsMax: 2000,
  ackP99MsMax: 1000,
  judge: othersLag,
  inject: async (chaos) => {
    const before = resourcesOf(chaos.stack);
    const ann = await signIn(chaos.stack.url, 'ann');
    const path = `/api/messages/conversations/${chaos.conversations[0]}/messages`;
    const sizes = chaos.isShort ? [1, 70_000, 5_000_000] : [1, 65_536, 70_000, 1_000_000, 20_000_000, 200_000_000];
    for (const size of sizes) await refused(chaos, ann, path, `${size} bytes`, 'x'.repeat(size));
    for (const depth of [1000, 100_000])
      await refused(chaos, ann, path, `JSON ${depth} deep`, `${'['.repeat(depth)}${']'.repeat(depth)}`);
    const bomb = Bun.gzipSync(new Uint8Array(50_000_000));
    await refused(chaos, ann, path, 'a zip bomb', bomb, { 'content-encoding': 'gzip' });
    chaos.over('the last payload');
    const grownMb = [...resourcesOf(chaos.stack)].map(
      ([name, { residentBytes }]) => (residentBytes - (before.get(name)?.residentBytes ?? residentBytes)) / megabyte,
    );
    chaos.judge({
      invariant: 'I8',
      what: 'memory of one process grew, MB',
      value: Math.max(...grownMb),
      max: grownMbMax,
    });
  },
};

const refused = async (
  { violate, mark, stack }: Chaos,
  person: Person,
  path: string,
  what: string,
  body: string | Uint8Array<ArrayBuffer>,
  headers: Record<string, string> = {},
): Promise<void> => {
  const answer = await fetch(`${stack.url}${path}`, {
    method: 'POST',
    headers: {
      ...{ cookie: person.cookies.header(stack.url), 'x-csrf': '1', origin: stack.url },
      ...{ 'content-type': 'application/json', ...headers },
    },
    body,
    signal: AbortSignal.timeout(30_000),
  }).then(
    ({ status }) => status,
    // A server may hang up on a body that it will not read.
    () => 'cut' as const,
  );
  mark(`${what}: ${answer}`);
  if (answer !== 'cut' && !refusals.has(answer)) violate('I9', `${what} was answered with ${answer}`);
};
