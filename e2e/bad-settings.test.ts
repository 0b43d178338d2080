import { describe, expect, it } from 'bun:test';
import { join } from 'node:path';
import type { ServiceName } from '@chatapp/contract/scopes';
import { readConfig } from '@chatapp/service/config';
import * as bff from '../apps/bff/src/check-config.ts';
import { settings as ofBff } from '../apps/bff/src/config.ts';
import { checkConfig as checkConversations } from '../apps/conversations/src/check-config.ts';
import { settings as ofConversations } from '../apps/conversations/src/config.ts';
import { checkConfig as checkMessages } from '../apps/messages/src/check-config.ts';
import { settings as ofMessages } from '../apps/messages/src/config.ts';
import { checkConfig as checkRealtime } from '../apps/realtime/src/check-config.ts';
import { settings as ofRealtime } from '../apps/realtime/src/config.ts';
import { type BadSettings, badSettings, type Environment, good } from './bad-settings.ts';
import { services } from './doors.ts';

const root = join(import.meta.dir, '..');
const isFull = process.env.PROOF === 'full';

/** What `main.ts` does with its settings before anything else. */
const reads: Record<ServiceName, (env: Environment) => Promise<unknown>> = {
  bff: async (env) => await bff.checkSecrets(bff.checkConfig(readConfig(ofBff, env))),
  conversations: async (env) => checkConversations(readConfig(ofConversations, env)),
  messages: async (env) => checkMessages(readConfig(ofMessages, env)),
  realtime: async (env) => checkRealtime(readConfig(ofRealtime, env)),
};
const faultOf = async (service: ServiceName, env: Environment): Promise<string> =>
  await reads[service](env).then(
    () => '',
    (error: Error) => `${error.name}: ${error.message}`,
  );
const shownOf = (said: string, { values }: BadSettings) =>
  [...values, 'canary', '14999', '987654'].filter((text) => said.toLowerCase().includes(text.toLowerCase()));

/** The process itself, until it ends. */
const start = async (service: ServiceName, env: Environment) => {
  const child = Bun.spawn([process.execPath, '--no-env-file', join(root, 'apps', service, 'src/main.ts')], {
    env: { PATH: process.env.PATH ?? '', ...env },
    stdout: 'pipe',
    stderr: 'pipe',
    timeout: 60_000,
  });
  const texts = await Promise.all([child.stdout, child.stderr].map((stream) => new Response(stream).text()));
  return { exit: await child.exited, said: texts.join('\n') };
};

describe('bad settings', () => {
  it.each(services)('S45: are refused by %s, by their names and never by their values', async (service) => {
    for (const env of good) expect(await faultOf(service, env)).toBe('');
    expect(badSettings[service].length).toBeGreaterThanOrEqual(20);
    for (const one of badSettings[service]) {
      const said = await faultOf(service, one.env);
      const found = { isRefused: said.startsWith('ConfigError'), isNamed: said.includes(one.name) };
      expect({ ...one, ...found, shown: shownOf(said, one) }).toEqual({
        ...{ ...one, isRefused: true, isNamed: true, shown: [] },
      });
    }
  });

  it.each(services)(
    `S45: keep %s from starting, with exit code 1 (${isFull ? 'all' : 'every fifth; PROOF=full: all'})`,
    async (service) => {
      const tried = badSettings[service].filter((_, at) => isFull || at % 5 === 2);
      expect(tried.length).toBeGreaterThanOrEqual(4);
      console.log(`${service}: ${tried.length} of ${badSettings[service].length} bad settings with the process itself`);
      const check = async (one: BadSettings) => {
        const { exit, said } = await start(service, one.env);
        expect({ ...one, exit, isNamed: said.includes(one.name), shown: shownOf(said, one) }).toEqual({
          ...{ ...one, exit: 1, isNamed: true, shown: [] },
        });
      };
      const rest = [...tried];
      const inTurn = async () => {
        for (let one = rest.shift(); one !== undefined; one = rest.shift()) await check(one);
      };
      await Promise.all([inTurn(), inTurn()]);
    },
    300_000,
  );
});
