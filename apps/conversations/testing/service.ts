import { BusEvent } from '@chatapp/contract/events';
import { userIdOf } from '@chatapp/contract/ids';
import { serviceAudience } from '@chatapp/contract/scopes';
import { connectDatabase } from '@chatapp/service/database';
import { silentLog } from '@chatapp/service/log';
import { createMetrics } from '@chatapp/service/metrics';
import { compileSchema } from '@chatapp/service/schema';
import { createTokenVerifier } from '@chatapp/service/token-verifier';
import { people } from '../../../dev/issuer/people.ts';
import { testDatabase } from '../../../dev/testing/database.ts';
import { type TestIssuer, testIssuer } from '../../../dev/testing/issuer.ts';
import { type AppOptions, createApp } from '../src/app.ts';
import { createRead, createTransact, openDatabase } from '../src/database.ts';
import type { Deps } from '../src/deps.ts';
import { readUnsent } from '../src/events/outbox-store.ts';
import { newInvitationToken } from '../src/invitations/token.ts';

export type Login = 'ann' | 'bob' | 'carol' | 'dave' | 'eve';
export const logins: readonly Login[] = ['ann', 'bob', 'carol', 'dave', 'eve'];

export interface Answer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: what a test reads of an answer, it asserts.
  readonly body: any;
  /** As it came. */
  readonly text: string;
  readonly headers: Headers;
}

/** What answers requests: an app in this process, or one that listens elsewhere. */
interface Target {
  readonly handle: (request: Request) => Promise<Response>;
}

export type Call = (method: string, path: string, body?: unknown) => Promise<Answer>;

/** The id that conversations derives from the token of a seeded person. */
export const idOf = async (login: Login): Promise<string> => {
  const sub = people.find((person) => person.login === login)?.sub ?? '';
  return await userIdOf({ issuerAlias: 'local', kind: 'user', sub });
};

const checkEvent = compileSchema(BusEvent);
const audience = serviceAudience('conversations');

/** The real service on a database of its own, with tokens of the real issuer; its people are in the directory. */
export const testService = async ({
  crowd: crowdSize = 0,
  ...options
}: Partial<Pick<Deps, 'directory' | 'coolDownMs' | 'invitationsPerHour' | 'sendsMail'>> & {
  /** So many people besides, for races. */
  crowd?: number;
} = {}) => {
  const [database, issuer] = await Promise.all([
    testDatabase('conversations'),
    testIssuer({ env: { EXTRA_PEOPLE: String(crowdSize) } }),
  ]);
  const sql = connectDatabase({ url: database.url, poolMax: 12, log: silentLog(), name: 'test' });
  const db = openDatabase(sql);
  const time = { offsetMs: 0 };
  const now = () => new Date(Date.now() + time.offsetMs);
  let onCommit = () => {};
  const verify = createTokenVerifier({
    issuer: issuer.issuer,
    issuerAlias: issuer.alias,
    audiences: [audience, 'urn:chatapp:api'],
    typ: 'at+jwt',
    fetch,
    now: Date.now,
  });
  const appOptions: AppOptions = {
    auth: { verify, service: 'conversations', apiAudience: 'urn:chatapp:api' },
    read: createRead(db),
    transact: createTransact(db, () => onCommit()),
    now,
    newId: () => crypto.randomUUID(),
    directory: 'open',
    newToken: newInvitationToken,
    coolDownMs: 86_400_000,
    invitationsPerHour: 10_000,
    publicUrl: 'http://localhost:3000',
    sendsMail: true,
    log: silentLog(),
    metrics: createMetrics('conversations'),
    checks: { database: () => sql`SELECT 1` },
    ...options,
  };
  const app = createApp(appOptions);
  const callWith =
    (token: string | undefined, target: Target = app): Call =>
    async (method, path, body) => {
      const headers = new Headers();
      if (token !== undefined) headers.set('authorization', `Bearer ${token}`);
      if (body !== undefined) headers.set('content-type', 'application/json');
      const init = { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
      const response = await target.handle(new Request(`http://localhost${path}`, init));
      const text = await response.text();
      const isJson = response.headers.get('content-type')?.includes('json') ?? false;
      return { status: response.status, body: isJson ? JSON.parse(text) : undefined, text, headers: response.headers };
    };
  const tokens = await signInAll(issuer);
  const as = Object.fromEntries(logins.map((login) => [login, callWith(tokens[login])])) as Record<Login, Call>;
  const ids = Object.fromEntries(await Promise.all(logins.map(async (login) => [login, await idOf(login)]))) as Record<
    Login,
    string
  >;
  const machine = async (client: string, ...scopes: string[]) =>
    callWith(await issuer.machineToken(client, audience, scopes));
  const bff = await machine('bff', 'conversations:users.write');
  const messages = await machine('messages', 'conversations:access.read');
  const profileOf = (login: Login) => ({
    name: login[0]?.toUpperCase() + login.slice(1),
    email: `${login}@example.test`,
    emailVerified: true,
    avatarUrl: null,
  });
  for (const login of logins) await bff('PUT', `/internal/users/${ids[login]}`, profileOf(login));
  const crowd = await Promise.all(
    Array.from({ length: crowdSize }, async (_, index) => {
      const digits = String(index + 1).padStart(3, '0');
      const id = await userIdOf({ issuerAlias: 'local', kind: 'user', sub: `p-load-${digits}` });
      await bff('PUT', `/internal/users/${id}`, { name: digits, email: null, emailVerified: false, avatarUrl: null });
      return { id, token: await issuer.personToken(`load-${digits}`) };
    }),
  );

  return {
    app,
    db,
    sql,
    database,
    issuer,
    as,
    ids,
    bff,
    messages,
    machine,
    callWith,
    profileOf,
    crowd,
    tokens,
    /** The same person at an instance that listens at a URL. */
    callAt: (url: string, token: string): Call =>
      callWith(token, {
        handle: (request) => fetch(new Request(request.url.replace('http://localhost', url), request)),
      }),
    time,
    now,
    onCommit: (callback: () => void) => {
      onCommit = callback;
    },
    /** The same people at an instance with other settings, on the same database. */
    withSettings: (settings: Partial<Pick<Deps, 'directory' | 'coolDownMs' | 'invitationsPerHour' | 'sendsMail'>>) => {
      const other = createApp({ ...appOptions, metrics: createMetrics('conversations'), ...settings });
      return Object.fromEntries(logins.map((login) => [login, callWith(tokens[login], other)])) as Record<Login, Call>;
    },
    /** Events that nobody relayed yet, of one subject, in order. */
    events: async (subjectId: string) =>
      (await readUnsent(db, { afterSubject: undefined, limit: 10_000 }))
        .filter((entry) => entry.subjectId === subjectId)
        .map((entry) => entry.event),
    /** Every event of this database that the contract does not describe; there should be none. */
    unknownEvents: async () => {
      const entries = await readUnsent(db, { afterSubject: undefined, limit: 10_000 });
      return entries.map(({ event }) => event).filter((event) => !checkEvent.check(event));
    },
    /** A group of ann's in which the others have these roles. */
    group: async (roles: Partial<Record<Login, 'admin' | 'member' | 'viewer'>> = {}, fields: object = {}) => {
      const { body } = await as.ann('POST', '/conversations', { name: 'Group', ...fields });
      for (const [login, role] of Object.entries(roles) as [Login, string][]) {
        const path = `/conversations/${body.id}/invitations`;
        const invited = await as.ann('POST', path, { userId: ids[login], role });
        await as[login]('POST', `/invitations/${invited.body.id}/accept`);
      }
      return body.id as string;
    },
    close: async () => {
      await sql.end({ timeout: 1 });
      await Promise.all([database.close(), issuer.stop()]);
    },
  };
};
export type TestService = Awaited<ReturnType<typeof testService>>;

const signInAll = async (issuer: TestIssuer): Promise<Record<Login, string>> =>
  Object.fromEntries(
    await Promise.all(logins.map(async (login) => [login, await issuer.personToken(login)] as const)),
  ) as Record<Login, string>;
