import { join } from 'node:path';
import type { DataFolder } from './data-folder.ts';
import { type dataServices, ensureDatabase, ensureRoles } from './database-roles.ts';
import { type ExternalVariable, requireAnswer } from './external-parts.ts';
import { answersReady, issuerLaunch, issuerUrl } from './issuer-part.ts';
import { ensureClientKeys } from './keys.ts';
import { keptPorts } from './ports.ts';
import { answersQueries, postgresUrl, preparePostgres } from './postgres.ts';
import { step } from './progress.ts';
import { answersPing, prepareRedis, redisServerPath, redisUrl } from './redis.ts';
import { redisUrlOf } from './redis-users.ts';
import { RunFileWriter } from './run-file.ts';
import { keptSecrets, type Secrets } from './secrets.ts';
import { type Foundation, processNames, serviceParts, services } from './services.ts';
import type { StackSettings } from './settings.ts';
import { type Part, SupervisedPart } from './supervisor.ts';

/** How long the next part waits for one that is stopping; the services together, and the whole under the 5 s that are promised. */
const waitMs = { service: 900, issuer: 300, redis: 300, postgres: 800 };
const servicesMaxMs = 3_000;

/** The running parts of one copy of ChatApp: what they stand on, then the services. */
export class Stack {
  readonly #parts: SupervisedPart[] = [];
  readonly #runFile: RunFileWriter;
  readonly #stopping = new AbortController();
  #preparing: Promise<unknown> | undefined;

  constructor(
    readonly settings: StackSettings,
    readonly folder: DataFolder,
  ) {
    this.#runFile = new RunFileWriter(folder.runFile, folder.processesFile);
  }

  /** Starts everything; the web client is built beside what the services stand on. */
  async start(ensureWeb: () => Promise<void>): Promise<void> {
    const { settings, folder } = this;
    const [ports, secrets] = await Promise.all([this.#keptPorts(), keptSecrets(folder.secretsFile)]);
    await ensureClientKeys(folder.keysDir);
    const [databaseUrls, redis, issuer] = await Promise.all([
      this.#startDatabase(ports, secrets),
      this.#startRedis(ports, secrets),
      this.#startIssuer(ports),
      ensureWeb(),
    ]);
    const { keysDir, logsDir, mailDir } = folder;
    const sharedPort = settings.replicas > 1 ? settings.port : undefined;
    const foundation = { databaseUrls, ...redis, issuer, keysDir, logsDir, mailDir, ports, sharedPort };
    const parts = serviceParts(settings, foundation);
    await step('starting the services', () => Promise.all(parts.map((part) => this.#run(part))));
    await this.#runFile.settled();
  }

  /** Stops every part: callers before the called, what they stand on last. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await Promise.allSettled([this.#preparing]);
    const deadline = performance.now() + servicesMaxMs;
    const ending: Promise<void>[] = [];
    for (const service of services) {
      // One that says goodbye to its sockets may take longer than the next one waits.
      const ended = this.#stopAll(service, Math.max(deadline - performance.now(), 0));
      ending.push(ended);
      await Promise.race([ended, Bun.sleep(waitMs.service)]);
    }
    await Promise.all(ending);
    for (const name of ['issuer', 'redis', 'postgres'] as const) await this.#stopAll(name, waitMs[name]);
    await this.#runFile.remove();
  }

  async #stopAll(kind: string, graceMs: number): Promise<void> {
    const ofKind = this.#parts.filter(({ part }) => part.name.replace(/-\d+$/, '') === kind);
    await Promise.all(ofKind.map((part) => part.stop(graceMs)));
  }

  async #keptPorts(): Promise<Record<string, number>> {
    const { replicas, port, external } = this.settings;
    const embedded = [
      ...(external.databaseUrl === undefined ? ['postgres'] : []),
      ...(external.redisUrl === undefined ? ['redis'] : []),
      ...(external.issuer === undefined ? ['issuer'] : []),
    ];
    const isAlone = replicas === 1;
    const names = services.flatMap((service) => processNames(service, replicas));
    // One BFF listens where people come; several share that port, and each has its own for who means it and no other.
    const picked = isAlone ? names.filter((name) => name !== 'bff') : names;
    // Tokens carry the issuer's address: it must not move.
    const kept = await keptPorts(this.folder.portsFile, [...embedded, ...picked], ['issuer']);
    return isAlone ? { ...kept, bff: port } : kept;
  }

  async #startDatabase(
    ports: Record<string, number>,
    secrets: Secrets,
  ): Promise<Record<(typeof dataServices)[number], string>> {
    const { databaseUrl } = this.settings.external;
    if (databaseUrl !== undefined) {
      await this.#useExternal('postgres', 'DATABASE_URL', databaseUrl);
      return ensureRoles(databaseUrl, secrets);
    }
    return step('starting PostgreSQL', async () => {
      const port = required(ports, 'postgres');
      const url = postgresUrl(port, secrets.postgres);
      const folder = join(this.folder.path, 'postgres');
      const { signal } = this.#stopping;
      const preparing = preparePostgres({ folder, port, password: secrets.postgres, durable: true, signal });
      this.#preparing = preparing;
      const launch = await preparing;
      const appUrl = postgresUrl(port, secrets.postgres, 'chatapp');
      await this.#run(this.#part('postgres', appUrl, launch, () => answersQueries(url)));
      return ensureRoles(await ensureDatabase(url, 'chatapp'), secrets);
    });
  }

  async #startRedis(
    ports: Record<string, number>,
    secrets: Secrets,
  ): Promise<Pick<Foundation, 'redisUrl' | 'redisPasswords'>> {
    const external = this.settings.external.redisUrl;
    if (external !== undefined) {
      await this.#useExternal('redis', 'REDIS_URL', external);
      return { redisUrl: external };
    }
    const redisPasswords = redisServerPath() === null ? undefined : secrets.redis;
    if (redisPasswords === undefined) {
      console.log('no redis-server 7 on PATH: using one in JavaScript, which has no users and no passwords');
    }
    return step('starting Redis', async () => {
      const port = required(ports, 'redis');
      const bare = redisUrl(port);
      const url = redisPasswords === undefined ? bare : redisUrlOf(bare, 'default', redisPasswords);
      const launch = await prepareRedis({ folder: join(this.folder.path, 'redis'), port, passwords: redisPasswords });
      await this.#run(this.#part('redis', url, launch, () => answersPing(url)));
      return { redisUrl: url, redisPasswords };
    });
  }

  async #startIssuer(ports: Record<string, number>): Promise<string> {
    const external = this.settings.external.issuer;
    if (external !== undefined) {
      await this.#useExternal('issuer', 'OIDC_ISSUER', external);
      return external;
    }
    return step('starting the issuer', async () => {
      const port = required(ports, 'issuer');
      const folder = join(this.folder.path, 'issuer');
      const { keysDir, mailDir } = this.folder;
      const { publicUrl, env } = this.settings;
      const launch = issuerLaunch({ port, folder, keysDir, publicUrl, mailDir }, { ...env, DATABASE_URL: undefined });
      await this.#run(this.#part('issuer', issuerUrl(port), launch, () => answersReady(`http://127.0.0.1:${port}`)));
      return issuerUrl(port);
    });
  }

  async #useExternal(name: string, variable: ExternalVariable, url: string): Promise<void> {
    await requireAnswer(variable, url);
    await this.#runFile.set(name, { pid: null, url });
  }

  #part(name: string, url: string, launch: Part['launch'], isReady: () => Promise<boolean>): Part {
    return { name, url, launch, logFile: join(this.folder.logsDir, `${name}.log`), isReady };
  }

  async #run(part: Part): Promise<void> {
    if (this.#stopping.signal.aborted) return;
    const supervised = new SupervisedPart(part, {
      onStart: ({ name, url }, pid) => void this.#runFile.set(name, { pid, url }),
      onDeath: ({ name, logFile }, how, delayMs) =>
        console.error(
          `${name} ended (${how}); starting it again${delayMs ? ` in ${delayMs} ms` : ''}. Log: ${logFile}`,
        ),
      onWait: ({ name, logFile }, waitedSeconds) =>
        console.log(`${name} is not ready after ${waitedSeconds} s and still at work. Log: ${logFile}`),
    });
    this.#parts.push(supervised);
    await supervised.start();
  }
}

function required(ports: Record<string, number>, name: string): number {
  const port = ports[name];
  if (port === undefined) throw new Error(`No port was picked for ${name}.`);
  return port;
}
