import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'bun:test';
import { Heads } from '@chatapp/contract/http-messages';
import type { MachineScope } from '@chatapp/contract/scopes';
import { systemClock } from '@chatapp/resilience/clock';
import { Elysia } from 'elysia';
import { freePort } from '../../dev/ports.ts';
import { eventually } from '../../dev/testing/eventually.ts';
import { type TestIssuer, testIssuer } from '../../dev/testing/issuer.ts';
import { machine, person } from './authenticate.ts';
import { createLog, silentLog } from './log.ts';
import { createMetrics } from './metrics.ts';
import { createOutbound } from './outbound.ts';
import { ProblemError } from './problem.ts';
import { serviceApp } from './service-app.ts';
import { createTokenVerifier } from './token-verifier.ts';

const log = silentLog();
/** What the issuer gives a machine's token. */
const tokenLifeMs = 3_600_000;
let issuer: TestIssuer;
let url: string;
let stop: () => void;
let deadUrl: string;
/** What the called service does next, once each; then it answers. */
let faults: (() => Response | Promise<Response>)[] = [];
let requests = 0;
/** The issuer as one test's clients meet it: what they still ask afterwards is none of the next one's. */
let tokens = { requests: 0, answered: 0, isAway: false };
/** What the services' clocks are ahead of ours, ms. */
let ahead = 0;
/** The request after which the token that it came with is revoked. */
let revokeAt = 0;
/** Tokens that the called service no longer takes. */
const revoked = new Set<string>();

const countingFetch = (met: typeof tokens) =>
  (async (input: string, init?: RequestInit) => {
    if (!String(input).endsWith('/token')) return fetch(input, init);
    met.requests++;
    if (met.isAway) throw new Error('the issuer is away');
    const response = await fetch(input, init);
    met.answered++;
    return response;
  }) as typeof fetch;

beforeAll(async () => {
  issuer = await testIssuer();
  deadUrl = `http://localhost:${await freePort()}`;
  const verify = createTokenVerifier({
    issuer: issuer.issuer,
    issuerAlias: issuer.alias,
    audiences: ['urn:chatapp:api', 'urn:chatapp:messages'],
    typ: 'at+jwt',
    fetch,
    now: Date.now,
  });
  const auth = { verify, service: 'messages', apiAudience: 'urn:chatapp:api' } as const;
  const app = serviceApp({ name: 'messages', about: 'x', log, metrics: createMetrics('messages'), checks: {} })
    .use(
      new Elysia()
        .use(machine(auth, 'messages:heads.read'))
        .get('/internal/heads', () => ({ items: [] }))
        .put('/internal/heads', () => ({ items: [] }))
        .post('/internal/heads', () => ({ items: [] }))
        .get('/internal/odd', () => ({ odd: true }))
        .get('/internal/missing', () => {
          throw new ProblemError('not-found');
        }),
    )
    .use(new Elysia().use(person(auth)).get('/mine', ({ person }) => person));
  const server = Bun.serve({
    port: 0,
    fetch: async (request) => {
      requests++;
      if (revoked.has(request.headers.get('authorization') ?? '')) return new Response(null, { status: 401 });
      if (requests === revokeAt) revoked.add(request.headers.get('authorization') ?? '');
      return (await faults.shift()?.()) ?? app.fetch(request);
    },
  });
  url = `http://localhost:${server.port}`;
  stop = () => server.stop(true);
});
afterAll(async () => {
  stop();
  await issuer.stop();
});
beforeEach(() => {
  faults = [];
  requests = 0;
  tokens = { requests: 0, answered: 0, isAway: false };
  ahead = 0;
  revokeAt = 0;
  revoked.clear();
});

const outboundOf = (clientId: string, own = log) =>
  createOutbound({
    issuer: issuer.issuer,
    clientId,
    clientKeyFile: issuer.keyFile(clientId),
    deadlineMs: 20_000,
    fetch: countingFetch(tokens),
    clock: { ...systemClock, now: () => Date.now() + ahead },
    log: own,
  });
const clientOf = (clientId: string, urls: readonly string[] = [url], own = log) =>
  outboundOf(clientId, own).client('messages', urls);
const heads = { method: 'GET', path: '/internal/heads', scope: 'messages:heads.read', answer: Heads } as const;
const codeOf = (call: Promise<unknown>) =>
  call.then(
    () => 'ok',
    (error) => error.code,
  );
const answer = (status: number) => () => new Response(null, { status });

describe('createOutbound', () => {
  it('calls with a token of its own, for that service and scope only', async () => {
    expect(await clientOf('realtime')(heads)).toEqual({ items: [] });
    const other = { ...heads, scope: 'conversations:access.read' as MachineScope };
    expect(await codeOf(clientOf('realtime')(other))).not.toBe('ok');
    expect(await codeOf(clientOf('messages')(heads))).not.toBe('ok');
  });

  it('tells at once of an instance that does not answer, before its circuit does', async () => {
    const lines: string[] = [];
    const call = clientOf(
      'realtime',
      [url],
      createLog({ service: 'x', level: 'warn', write: (line) => lines.push(line) }),
    );
    faults = [() => new Promise(() => undefined)];
    expect(await codeOf(call(heads))).toBe('ok');
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      { msg: 'no answer in time', destination: 'messages' },
    ]);
  });

  const callers = (call: ReturnType<typeof clientOf>, count = 500) =>
    Promise.all(Array.from({ length: count }, () => codeOf(call(heads)))).then((codes) => [...new Set(codes)]);

  it.each([
    ['halfway to', tokenLifeMs / 2],
    ['shortly before', tokenLifeMs - 15_000],
    ['at', tokenLifeMs],
  ])(
    'S25: fetches one token for 500 calls at once, and one more for 500 %s the end of its life',
    async (_name, then) => {
      const call = clientOf('realtime');
      expect(await callers(call)).toEqual(['ok']);
      expect(tokens.requests).toBe(1);
      ahead = then;
      expect(await callers(call)).toEqual(['ok']);
      // Before the end nobody waits for it: it is signed and asked for beside the calls.
      await eventually(() => tokens.requests > 1);
      expect(tokens.requests).toBe(2);
    },
  );

  it('S25: fetches one other token for 500 calls when theirs is revoked midway, and nobody sees it', async () => {
    const call = clientOf('realtime');
    revokeAt = 250;
    expect(await callers(call)).toEqual(['ok']);
    expect(revoked.size).toBe(1);
    expect(requests).toBeGreaterThan(500);
    expect(tokens.requests).toBe(2);
  });

  it('S25: goes on with the token that it has while the issuer gives no other', async () => {
    const call = clientOf('realtime');
    await call(heads);
    tokens.isAway = true;
    ahead = tokenLifeMs - 15_000;
    expect(await callers(call, 20)).toEqual(['ok']);
    await eventually(() => tokens.requests > 1);
    ahead = tokenLifeMs;
    expect(await callers(call, 20)).not.toContain('ok');
  });

  it('S25: takes one other token when one is refused, and only once', async () => {
    const call = clientOf('realtime');
    await call(heads);
    faults = [answer(401)];
    expect(await codeOf(call(heads))).toBe('ok');
    expect(tokens.requests).toBe(2);
    faults = [answer(401), answer(401)];
    expect(await codeOf(call(heads))).not.toBe('ok');
  });

  it('F39: has the tokens of the scopes that it is told of before the first call', async () => {
    const outbound = outboundOf('realtime');
    const call = outbound.client('messages', [url], ['messages:heads.read']);
    await eventually(() => tokens.answered === 1);
    tokens.isAway = true;
    expect(await codeOf(call(heads))).toBe('ok');
  });

  it('hobby: a 5xx is retried', async () => {
    faults = [answer(500), answer(503)];
    expect(await codeOf(clientOf('realtime')(heads))).toBe('ok');
    expect(requests).toBe(3);
  });

  it('sends what is not idempotent once', async () => {
    faults = [answer(500)];
    expect(await codeOf(clientOf('realtime')({ ...heads, method: 'POST', body: {} }))).not.toBe('ok');
    expect(requests).toBe(1);
  });

  it('goes on to the next instance when one is gone', async () => {
    const call = clientOf('realtime', [deadUrl, url]);
    for (let n = 0; n < 4; n++) expect(await codeOf(call(heads))).toBe('ok');
  });

  it('passes on the problem that the service answered, and names one for what it did not', async () => {
    const call = clientOf('realtime');
    expect(await codeOf(call({ ...heads, path: '/internal/missing' }))).toBe('not-found');
    expect(await codeOf(call({ ...heads, path: '/internal/odd' }))).toBe('upstream-unreachable');
    expect(await codeOf(clientOf('realtime', [deadUrl])(heads))).toBe('upstream-unreachable');
    faults = Array.from({ length: 4 }, () => () => Bun.sleep(5000).then(answer(200)));
    expect(await codeOf(call({ ...heads, deadlineMs: 200 }))).toBe('upstream-timeout');
  });
});

describe('authenticate', () => {
  const get = async (path: string, token: string) =>
    (await fetch(`${url}${path}`, { headers: { authorization: `Bearer ${token}` } })).status;

  it('S22: opens internal routes to machines with the scope, personal ones to people', async () => {
    const ann = await issuer.personToken('ann');
    const realtime = await issuer.machineToken('realtime', 'urn:chatapp:messages', ['messages:heads.read']);
    const narrow = await issuer.machineToken('realtime', 'urn:chatapp:messages', ['messages:changes.read']);
    const bot = await issuer.machineToken('bot', 'urn:chatapp:api', []);
    expect(await get('/mine', ann)).toBe(200);
    expect(await get('/internal/heads', realtime)).toBe(200);
    expect(await get('/internal/heads', ann)).toBe(403);
    expect(await get('/internal/heads', narrow)).toBe(403);
    expect(await get('/mine', realtime)).toBe(403);
    expect(await get('/mine', bot)).toBe(403);
    expect(await get('/mine', `${ann}x`)).toBe(401);
  });
});
