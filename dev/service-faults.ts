import { ConfigError, readConfig } from '@chatapp/service/config';
import { checkConfig as checkBff } from '../apps/bff/src/check-config.ts';
import { settings as bff } from '../apps/bff/src/config.ts';
import { checkConfig as checkConversations } from '../apps/conversations/src/check-config.ts';
import { settings as conversations } from '../apps/conversations/src/config.ts';
import { checkConfig as checkMessages } from '../apps/messages/src/check-config.ts';
import { settings as messages } from '../apps/messages/src/config.ts';
import { checkConfig as checkRealtime } from '../apps/realtime/src/check-config.ts';
import { settings as realtime } from '../apps/realtime/src/config.ts';
import { issuerUrl } from './issuer-part.ts';
import { redisServerPath } from './redis.ts';
import { redisUsers } from './redis-users.ts';
import { type Foundation, type Service, serviceParts, services } from './services.ts';
import type { StackSettings } from './settings.ts';

type Environment = Record<string, string | undefined>;

const checks: Record<Service, (env: Environment) => unknown> = {
  bff: (env) => checkBff(readConfig(bff, env)),
  conversations: (env) => checkConversations(readConfig(conversations, env)),
  messages: (env) => checkMessages(readConfig(messages, env)),
  realtime: (env) => checkRealtime(readConfig(realtime, env)),
};

/** What the services will refuse of the environment that a start hands to them: names and rules, each once. */
export function serviceFaults(settings: StackSettings): string[] {
  const alone = { ...settings, replicas: 1 };
  const faults = serviceParts(alone, assumed(settings)).flatMap(({ name, launch }) =>
    faultsOf(() => checks[name as Service](launch.env)),
  );
  return [...new Set(faults)];
}

function faultsOf(check: () => unknown): readonly string[] {
  try {
    check();
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.faults;
    throw error;
  }
}

/** As good as what a start would make, which is random. */
function assumed({ external, port }: StackSettings): Foundation {
  const password = crypto.randomUUID();
  const databaseUrl = `postgres://service:${password}@127.0.0.1/chatapp`;
  const passwords = Object.fromEntries(redisUsers.map((user) => [user, password])) as Foundation['redisPasswords'];
  return {
    databaseUrls: { conversations: databaseUrl, messages: databaseUrl },
    redisUrl: external.redisUrl ?? 'redis://127.0.0.1',
    redisPasswords: external.redisUrl === undefined && redisServerPath() !== null ? passwords : undefined,
    issuer: external.issuer ?? issuerUrl(port),
    keysDir: '',
    logsDir: '',
    ports: Object.fromEntries(services.map((service) => [service, port])),
  };
}
