import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ensureDatabase, ensureRoles } from '../../dev/database-roles.ts';
import { answersReady, issuerLaunch, issuerUrl } from '../../dev/issuer-part.ts';
import { ensureClientKeys } from '../../dev/keys.ts';
import { freePort } from '../../dev/ports.ts';
import { keptSecrets } from '../../dev/secrets.ts';
import { type Foundation, processNames, type Service, serviceParts, services } from '../../dev/services.ts';
import type { Part } from '../../dev/supervisor.ts';
import { temporaryFolder } from '../../dev/testing/temporary.ts';
import type { SocketPlan } from '../load/plan.ts';
import type { Contestant } from '../system/contestant.ts';
import { makeFolder, startPostgres, startRedis } from '../system/foundation.ts';
import type { ProcessGroups } from '../system/process-cpu.ts';
import { StartedParts } from '../system/started-parts.ts';
import type { MemoryNote } from './memory-note.ts';
import { PeopleTokens, personId } from './people.ts';
import { type SeededRoom, seedRooms } from './seed-store.ts';

/** Nodes of realtime that there may be. */
const nodesMax = 4;
const root = join(import.meta.dir, '../..');

const memoryFile = (folder: string, name: string): string => join(folder, `${name}.memory`);

/** Only a limit that stands in the way of a saturated room is raised; everything else is as `bun start` has it. */
const settings = {
  COMMANDS_PER_MINUTE: '1000000',
  CONVERSATION_COMMANDS_PER_MINUTE: '1000000',
  EXTRA_PEOPLE: '250',
  LOG_LEVEL: 'warn',
};

/** `cpu`: every service writes a profile into the folder when it ends. `memory`: it tells what its heap holds when it is asked. */
export interface ProductProfiles {
  readonly kind: 'cpu' | 'memory';
  readonly folder: string;
}

/** The whole product, each service as one process and realtime as several. */
export class Product implements Contestant {
  readonly name = 'ChatApp';
  readonly dialect = 'chatapp';
  readonly folder = temporaryFolder('bench');
  readonly logsDir = join(this.folder, 'logs');
  readonly #secretsFile = join(this.folder, 'secrets.json');
  readonly #parts = new StartedParts(this.logsDir);
  readonly #services = new Map<string, Part>();
  #tokens: PeopleTokens | undefined;
  #nodes: string[] = [];
  #lastPlace = 0;
  /** Of the BFF. */
  url = '';
  /** For the superuser. */
  databaseUrl = '';
  redisUrl = '';
  /** Of the service messages. */
  messagesUrl = '';
  foundation: Foundation | undefined;

  constructor(readonly options: { readonly profiles?: ProductProfiles } = {}) {}

  async start(nodes: number): Promise<void> {
    const { folder } = this;
    await makeFolder(folder);
    const [keysDir, issuerDir] = [join(folder, 'keys'), join(folder, 'issuer')];
    await mkdir(issuerDir, { recursive: true });
    await ensureClientKeys(keysDir);
    const names = services.flatMap((service) => processNames(service, nodesMax));
    const ports = Object.fromEntries(await Promise.all(names.map(async (name) => [name, await freePort()] as const)));
    const issuerPort = await freePort();
    this.url = `http://localhost:${ports.bff}`;
    const secrets = await keptSecrets(this.#secretsFile);
    const [postgresUrl, redisUrl] = await Promise.all([
      startPostgres(this.#parts, folder, secrets.postgres),
      startRedis(this.#parts, folder, secrets.redis),
      this.#startIssuer(issuerPort, issuerDir, keysDir),
    ]);
    this.redisUrl = redisUrl;
    this.databaseUrl = await ensureDatabase(postgresUrl, 'chatapp');
    const databaseUrls = await ensureRoles(this.databaseUrl, secrets);
    const issuer = issuerUrl(issuerPort);
    this.#tokens = new PeopleTokens(issuer, issuerDir);
    const redis = { redisUrl, redisPasswords: secrets.redis };
    this.foundation = { databaseUrls, ...redis, issuer, keysDir, logsDir: this.logsDir, ports };
    for (const part of this.#partsOf(this.foundation)) this.#services.set(part.name, part);
    this.messagesUrl = this.#services.get('messages')?.url ?? '';
    await Promise.all(['conversations', 'messages', 'bff'].map((name) => this.startService(name)));
    await this.setNodes(nodes);
  }

  get nodes(): readonly string[] {
    return this.#nodes;
  }

  /** From now on there are so many nodes of realtime. */
  async setNodes(count: number): Promise<void> {
    const names = processNames('realtime', count);
    const running = processNames('realtime', this.#nodes.length);
    await this.#parts.stop(...running.filter((name) => !names.includes(name)));
    for (const name of names.filter((name) => !running.includes(name))) await this.startService(name);
    this.#nodes = names.map((name) => this.#services.get(name)?.url ?? '');
  }

  restartNodes(): Promise<void> {
    return this.#parts.restart(...processNames('realtime', this.#nodes.length));
  }

  async startService(name: string): Promise<void> {
    await this.#parts.start(this.#profiled(this.#part(name)));
  }

  processes(): ProcessGroups {
    return this.#parts.pids();
  }

  pid(name: string): number {
    return this.#parts.pid(name);
  }

  tokenOf(place: number): Promise<string> {
    if (this.#tokens === undefined) throw new Error('the product has not begun');
    return this.#tokens.of(place);
  }

  async proof(place: number): Promise<SocketPlan['proof']> {
    return { token: await this.tokenOf(place) };
  }

  /** Places of people whom nobody else has. */
  places(count: number): number[] {
    const first = this.#lastPlace + 1;
    this.#lastPlace += count;
    return Array.from({ length: count }, (_, at) => first + at);
  }

  /** Conversations of people at places; `rooms` names and members. */
  async seed(rooms: readonly { readonly id: string; readonly places: readonly number[] }[]): Promise<void> {
    const seeded: SeededRoom[] = await Promise.all(
      rooms.map(async ({ id, places }) => ({ id, memberIds: await Promise.all(places.map(personId)) })),
    );
    await seedRooms(this.databaseUrl, seeded);
  }

  /** A further database beside the product's own, with the roles of the services; answers its URLs. */
  async database(name: string): Promise<{ readonly owner: string; readonly messages: string }> {
    const owner = await ensureDatabase(this.databaseUrl, name);
    const { messages } = await ensureRoles(owner, await keptSecrets(this.#secretsFile));
    return { owner, messages };
  }

  /** One more process of messages, over another database and a Redis of its own; answers its address. */
  async startMessages(
    name: string,
    env: { readonly DATABASE_URL: string; readonly REDIS_URL: string },
  ): Promise<string> {
    const part = this.#part('messages');
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const launch = { ...part.launch, env: { ...part.launch.env, ...env, PORT: String(port) } };
    await this.#parts.start(this.#profiled({ name, url, launch, isReady: () => answersReady(url) }));
    return url;
  }

  /** A Redis without users beside the product's own; answers its URL. */
  startRedis(): Promise<string> {
    return startRedis(this.#parts, join(this.folder, 'redis-beside'), undefined, 'redis-beside');
  }

  stopParts(...names: readonly string[]): Promise<void> {
    return this.#parts.stop(...names);
  }

  /** Conversations of people who have an account. */
  seedPeople(rooms: readonly SeededRoom[]): Promise<void> {
    return seedRooms(this.databaseUrl, rooms);
  }

  stop(): Promise<void> {
    return this.#parts.stopAll();
  }

  /** One of each service; of realtime as many as there may be. Callers know the first of each. */
  #partsOf(foundation: Foundation): Part[] {
    const env = { ...process.env, ...settings, DATABASE_URL: undefined, REDIS_URL: undefined, OIDC_ISSUER: undefined };
    const common = {
      root,
      dataDir: this.folder,
      port: foundation.ports.bff ?? 0,
      publicUrl: this.url,
      external: {},
      env,
    };
    const single = serviceParts({ ...common, replicas: 1 }, foundation);
    const urls = (service: Service) =>
      single.find(({ name }) => name === service)?.url.replace('localhost', '127.0.0.1');
    const known = { BFF_URL: urls('bff'), CONVERSATIONS_URL: urls('conversations'), MESSAGES_URL: urls('messages') };
    const many = serviceParts({ ...common, replicas: nodesMax }, foundation)
      .filter(({ name }) => name.startsWith('realtime'))
      .map((part) => ({ ...part, launch: { ...part.launch, env: { ...part.launch.env, ...known } } }));
    return [...single.filter(({ name }) => name !== 'realtime'), ...many];
  }

  #part(name: string): Part {
    const part = this.#services.get(name);
    if (part === undefined) throw new Error(`there is no service ${name}`);
    return part;
  }

  #profiled<P extends Pick<Part, 'name' | 'launch'>>(part: P): P {
    const { profiles } = this.options;
    if (profiles === undefined) return part;
    const { kind, folder } = profiles;
    const [bun = '', ...rest] = part.launch.command;
    const flags =
      kind === 'cpu'
        ? ['--cpu-prof', `--cpu-prof-dir=${folder}`, `--cpu-prof-name=${part.name}.cpuprofile`]
        : ['--preload', join(import.meta.dir, 'tells-memory.ts')];
    const env = { ...part.launch.env, MEMORY_FILE: memoryFile(folder, part.name) };
    return { ...part, launch: { ...part.launch, command: [bun, ...flags, ...rest], env } };
  }

  /** What the nodes of realtime hold in memory, where the product's profiles are of that. */
  nodeMemory(): Promise<MemoryNote[]> {
    const { profiles } = this.options;
    if (profiles?.kind !== 'memory') throw new Error('only a product that is profiled for it tells');
    return Promise.all(
      processNames('realtime', this.#nodes.length).map(async (name) => {
        const file = memoryFile(profiles.folder, name);
        await rm(file, { force: true });
        process.kill(this.pid(name), 'SIGUSR2');
        while (!(await Bun.file(file).exists())) await Bun.sleep(50);
        return (await Bun.file(file).json()) as MemoryNote;
      }),
    );
  }

  async #startIssuer(port: number, folder: string, keysDir: string): Promise<void> {
    const env = { ...process.env, ...settings, DATABASE_URL: undefined };
    const launch = issuerLaunch({ port, folder, keysDir, publicUrl: this.url }, env);
    await this.#parts.start({
      name: 'issuer',
      url: issuerUrl(port),
      launch,
      isReady: () => answersReady(issuerUrl(port)),
    });
  }
}
