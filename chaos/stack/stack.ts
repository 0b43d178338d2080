import { chmodSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ensureDatabase, ensureRoles } from '../../dev/database-roles.ts';
import { answersReady, issuerLaunch, issuerUrl } from '../../dev/issuer-part.ts';
import { ensureClientKeys } from '../../dev/keys.ts';
import { keptPorts } from '../../dev/ports.ts';
import { answersQueries, postgresUrl, preparePostgres } from '../../dev/postgres.ts';
import { answersPing, prepareRedis, redisUrl } from '../../dev/redis.ts';
import { redisUrlOf } from '../../dev/redis-users.ts';
import { keptSecrets, type Secrets } from '../../dev/secrets.ts';
import { type Foundation, processNames, serviceParts, services } from '../../dev/services.ts';
import type { StackSettings } from '../../dev/settings.ts';
import { type Part, SupervisedPart } from '../../dev/supervisor.ts';
import { reapProcess } from '../../dev/testing/reaper.ts';
import type { ChaosProxy, Target } from '../proxy/proxy.ts';
import { Balancer } from './balancer.ts';
import { type Edge, type Edges, kindOf, routeThroughProxies } from './edges.ts';

export interface ChaosStackOptions {
  /** Takes all data and logs. */
  readonly folder: string;
  readonly replicas: number;
  /** The paths that go through proxies. */
  readonly edges: readonly Edge[];
  /** Further arguments of redis-server. */
  readonly redisArguments?: readonly string[];
  /** Further environment of the services and the issuer. */
  readonly env?: Readonly<Record<string, string>>;
  readonly random: () => number;
}

/** A process that ended although nobody had asked the supervisor to end it. */
export interface Death {
  readonly at: number;
  readonly name: string;
  readonly how: string;
}

const root = join(import.meta.dir, '../..');
const stopOrder = ['bff', 'realtime', 'messages', 'conversations', 'issuer', 'redis', 'postgres'];
const stopGraceMs = 1500;

/** The whole product as `bun start` runs it, supervisor and all, with proxies in the paths that a fault disturbs. */
export class ChaosStack {
  readonly #parts = new Map<string, SupervisedPart>();
  readonly #pids = new Map<string, number>();
  readonly #reaped = new Map<string, () => void>();
  readonly deaths: Death[] = [];
  readonly logsDir: string;
  edges: Edges = new Map();
  /** Where clients find the BFF. */
  url = '';
  /** The database, for its superuser, past all proxies. */
  databaseUrl = '';
  /** Redis, past all proxies. */
  redisUrl = '';

  constructor(readonly options: ChaosStackOptions) {
    this.logsDir = join(options.folder, 'logs');
  }

  async start(): Promise<void> {
    const { folder, replicas } = this.options;
    await mkdir(this.logsDir, { recursive: true });
    // So that the database's user reaches its programs there when we are root.
    chmodSync(folder, 0o711);
    const keysDir = join(folder, 'keys');
    await ensureClientKeys(keysDir);
    const names = services.flatMap((service) => processNames(service, replicas));
    const ports = await keptPorts(join(folder, 'ports.json'), ['postgres', 'redis', 'issuer', ...names]);
    const portOf = (name: string) => ports[name] ?? 0;
    const edge = this.options.edges.includes('client>bff') ? this.#edgeOfClients(ports) : undefined;
    this.url = `http://localhost:${edge?.port ?? portOf('bff')}`;
    const secrets = await keptSecrets(join(folder, 'secrets.json'));
    const [databaseUrls] = await Promise.all([
      this.#startPostgres(portOf('postgres'), secrets),
      this.#startRedis(portOf('redis'), secrets),
      this.#startIssuer(portOf('issuer'), keysDir),
    ]);
    const redis = { redisUrl: this.redisUrl, redisPasswords: secrets.redis };
    const foundation = { databaseUrls, ...redis, issuer: issuerUrl(portOf('issuer')), keysDir, ports };
    await this.#startServices({ ...foundation, logsDir: this.logsDir }, edge);
  }

  /** The process of a part that runs now, or ran last. */
  pid(name: string): number {
    const pid = this.#pids.get(name);
    if (pid === undefined) throw new Error(`there is no part ${name}`);
    return pid;
  }

  /** All processes of a service. */
  namesOf(kind: string): string[] {
    return [...this.#parts.keys()].filter((name) => kindOf(name) === kind);
  }

  signal(name: string, signal: NodeJS.Signals): void {
    try {
      process.kill(this.pid(name), signal);
    } catch (error) {
      // Between its death and its restart there is nobody to hit.
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }

  /** What the next process of a part finds in its environment. */
  setEnvironment(name: string, variable: string, value: string): void {
    const part = this.#parts.get(name)?.part;
    if (part) part.launch.env[variable] = value;
  }

  isReady(name: string): Promise<boolean> {
    return this.#parts.get(name)?.part.isReady() ?? Promise.resolve(false);
  }

  /** The address at which a process listens, past all proxies. */
  address(name: string): string {
    const part = this.#parts.get(name)?.part;
    if (!part) throw new Error(`there is no part ${name}`);
    return part.url;
  }

  /** Those of an edge, or of one process that connects there. */
  proxies(edge: Edge, caller?: string): readonly ChaosProxy[] {
    const paths = this.edges.get(edge);
    if (!paths) throw new Error(`the fault did not ask for the edge ${edge}`);
    return paths.filter((path) => caller === undefined || path.caller === caller).map(({ proxy }) => proxy);
  }

  /** No path is disturbed any more, and nobody frozen. */
  heal(): void {
    for (const paths of this.edges.values()) for (const { proxy } of paths) proxy.heal();
    for (const name of this.#parts.keys()) this.signal(name, 'SIGCONT');
  }

  async stop(): Promise<void> {
    this.heal();
    for (const kind of stopOrder) {
      const ofKind = this.namesOf(kind);
      await Promise.all(ofKind.map((name) => this.#parts.get(name)?.stop(stopGraceMs)));
      for (const name of ofKind) this.#reaped.get(name)?.();
    }
    for (const paths of this.edges.values()) for (const { proxy } of paths) proxy.stop();
  }

  /** Before the BFFs. */
  #edgeOfClients(ports: Record<string, number>): ChaosProxy {
    const targets = processNames('bff', this.options.replicas).map((name) => ({
      hostname: '127.0.0.1',
      port: ports[name] ?? 0,
    }));
    const isReady = ({ hostname, port }: Target) => answersReady(`http://${hostname}:${port}`);
    return new Balancer({ targets, isReady, random: this.options.random });
  }

  async #startPostgres(port: number, secrets: Secrets): Promise<Foundation['databaseUrls']> {
    const url = postgresUrl(port, secrets.postgres);
    const launch = await preparePostgres({
      ...{ folder: join(this.options.folder, 'postgres'), port, password: secrets.postgres, durable: true },
    });
    await this.#run({ name: 'postgres', url, launch, isReady: () => answersQueries(url) });
    this.databaseUrl = await ensureDatabase(url, 'chatapp');
    return ensureRoles(this.databaseUrl, secrets);
  }

  async #startRedis(port: number, { redis: passwords }: Secrets): Promise<void> {
    const launch = await prepareRedis({ folder: join(this.options.folder, 'redis'), port, kind: 'real', passwords });
    launch.command.push(...(this.options.redisArguments ?? []));
    this.redisUrl = redisUrlOf(redisUrl(port), 'default', passwords);
    await this.#run({ name: 'redis', url: this.redisUrl, launch, isReady: () => answersPing(this.redisUrl) });
  }

  async #startIssuer(port: number, keysDir: string): Promise<void> {
    const folder = join(this.options.folder, 'issuer');
    await mkdir(folder, { recursive: true });
    const options = { port, folder, keysDir, publicUrl: this.url };
    const launch = issuerLaunch(options, { ...process.env, ...this.options.env, DATABASE_URL: undefined });
    await this.#run({ name: 'issuer', url: issuerUrl(port), launch, isReady: () => answersReady(issuerUrl(port)) });
  }

  async #startServices(foundation: Foundation, edgeOfClients: ChaosProxy | undefined): Promise<void> {
    const settings: StackSettings = {
      ...{ root, dataDir: this.options.folder, port: foundation.ports.bff ?? 0, replicas: this.options.replicas },
      ...{ publicUrl: this.url, external: {}, env: { ...process.env, ...this.options.env } },
    };
    const parts = serviceParts(settings, foundation);
    const edges = routeThroughProxies(this.options.edges, parts, this.options.random);
    this.edges = new Map([
      ...edges,
      ...(edgeOfClients ? [['client>bff', [{ caller: 'client', proxy: edgeOfClients }]] as const] : []),
    ]);
    await Promise.all(parts.map((part) => this.#run(part)));
  }

  async #run(part: Omit<Part, 'logFile'>): Promise<void> {
    const logged = { ...part, logFile: join(this.logsDir, `${part.name}.log`) };
    const supervised = new SupervisedPart(logged, {
      onStart: ({ name }, pid) => {
        this.#pids.set(name, pid);
        this.#reaped.set(name, reapProcess(pid));
      },
      onDeath: ({ name }, how) => {
        this.#reaped.get(name)?.();
        this.deaths.push({ at: Date.now(), name, how });
      },
    });
    this.#parts.set(part.name, supervised);
    await supervised.start();
  }
}
