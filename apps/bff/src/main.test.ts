import { afterAll, afterEach, beforeAll, describe, expect, it } from 'bun:test';
import { join } from 'node:path';
import type { Subprocess } from 'bun';
import { freePort } from '../../../dev/ports.ts';
import { eventually } from '../../../dev/testing/eventually.ts';
import { reapProcess } from '../../../dev/testing/reaper.ts';
import { type TestRedis, testRedis } from '../../../dev/testing/redis.ts';
import { startMirror } from '../testing/mirror.ts';
import { startRogueIssuer } from '../testing/rogue-issuer.ts';

let redis: TestRedis;
beforeAll(async () => {
  redis = await testRedis();
}, 30_000);
afterAll(() => redis.stop());

const running: Subprocess[] = [];
afterEach(async () => {
  for (const process of running.splice(0)) {
    process.kill('SIGKILL');
    await process.exited;
  }
});

const startMain = async (env: Record<string, string> = {}) => {
  const port = await freePort();
  const url = `http://localhost:${port}`;
  const child = Bun.spawn([process.execPath, '--no-env-file', join(import.meta.dir, 'main.ts')], {
    env: {
      PATH: process.env.PATH,
      PORT: String(port),
      PUBLIC_URL: url,
      REDIS_URL: redis.url,
      OIDC_ISSUER: 'http://localhost:1',
      OIDC_CLIENT_KEY_FILE: '/nowhere',
      CONVERSATIONS_URL: 'http://127.0.0.1:1',
      MESSAGES_URL: 'http://127.0.0.1:1',
      REALTIME_URL: 'http://127.0.0.1:1',
      ...env,
    },
    stdout: 'pipe',
    stderr: 'pipe',
  });
  running.push(child);
  reapProcess(child.pid);
  return { child, url };
};
const statusOf = (url: string) =>
  fetch(url).then(
    (response) => response.status,
    () => 0,
  );

describe('the process', () => {
  it('starts without Redis, the issuer and the services, says so, and is ready when Redis is back', async () => {
    await redis.stop();
    const { url } = await startMain();
    await eventually(async () => (await statusOf(`${url}/health/live`)) === 200, { timeoutMs: 20_000 });
    expect(await statusOf(`${url}/health/ready`)).toBe(503);
    await redis.start();
    await eventually(async () => (await statusOf(`${url}/health/ready`)) === 200, { timeoutMs: 10_000 });
    const ready = await (await fetch(`${url}/health/ready`)).json();
    expect(ready).toEqual({ status: 'degraded', parts: { redis: 'ok', issuer: 'down' } });
  }, 30_000);

  it('stops within five seconds with sockets and requests open, and sends the sockets away', async () => {
    const mirror = await startMirror();
    const { child, url } = await startMain({ REALTIME_URL: mirror.url });
    await eventually(async () => (await statusOf(`${url}/health/live`)) === 200, { timeoutMs: 20_000 });
    const socket = new WebSocket(`${url.replace('http', 'ws')}/realtime?ticket=t`);
    const closed = Promise.withResolvers<number>();
    const opened = Promise.withResolvers<void>();
    socket.addEventListener('open', () => opened.resolve());
    socket.addEventListener('close', ({ code }) => closed.resolve(code));
    await opened.promise;
    const at = performance.now();
    child.kill('SIGTERM');
    expect(await closed.promise).toBe(4001);
    expect(await child.exited).toBe(0);
    expect(performance.now() - at).toBeLessThan(5000);
    await mirror.stop();
  }, 30_000);

  it('lets in no socket that was on its way when it was told to stop: nobody would send it away', async () => {
    const mirror = await startMirror();
    const { child, url } = await startMain({ REALTIME_URL: mirror.url });
    await eventually(async () => (await statusOf(`${url}/health/live`)) === 200, { timeoutMs: 20_000 });
    const admitted = Promise.withResolvers<void>();
    mirror.socket({ admitted: admitted.promise });
    const answer = fetch(`${url}/realtime?ticket=t`, {
      headers: {
        connection: 'Upgrade',
        upgrade: 'websocket',
        'sec-websocket-version': '13',
        'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
      },
    });
    await eventually(() => mirror.seen.some(({ path }) => path.startsWith('/realtime')));
    child.kill('SIGTERM');
    await eventually(async () => (await statusOf(`${url}/health/live`)) === 0);
    admitted.resolve();
    expect((await answer).status).toBe(503);
    expect(await child.exited).toBe(0);
    await mirror.stop();
  }, 30_000);

  it('names every fault of its settings, without values, and does not start', async () => {
    const { child } = await startMain({ REDIS_URL: 'secret-value', SESSION_IDLE_SECONDS: 'x', MESSAGES_URL: '' });
    expect(await child.exited).toBe(1);
    const said = await new Response(child.stderr).text();
    for (const name of ['REDIS_URL', 'SESSION_IDLE_SECONDS', 'MESSAGES_URL']) expect(said).toContain(name);
    expect(said).not.toContain('secret-value');
  }, 20_000);

  it('S2: does not start where the discovery document names another issuer than the settings', async () => {
    const rogue = await startRogueIssuer();
    const settings = { OIDC_ISSUER: rogue.issuer, OIDC_CLIENT_KEY_FILE: rogue.clientKeyFile };
    const { host } = new URL(rogue.issuer);
    for (const issuer of [
      'https://evil.example',
      `http://127.0.0.1:${new URL(rogue.issuer).port}`,
      `${rogue.issuer}/x`,
    ]) {
      rogue.describe({ issuer });
      const { child } = await startMain(settings);
      const said = (
        await Promise.all([child.stdout, child.stderr].map((stream) => new Response(stream).text()))
      ).join();
      expect([issuer, await child.exited]).toEqual([issuer, 1]);
      expect(said).toContain('OIDC_ISSUER');
      for (const value of ['evil.example', host, rogue.clientKeyFile]) expect(said).not.toContain(value);
    }
    // It was the name: the same document with the right one is good.
    rogue.describe({});
    const { url } = await startMain(settings);
    const ready = async () => (await (await fetch(`${url}/health/ready`)).json()) as { status: string; parts: object };
    await eventually(async () => (await ready()).status === 'ok', { timeoutMs: 20_000 });
    expect(await ready()).toEqual({ status: 'ok', parts: { redis: 'ok', issuer: 'ok' } });
    await rogue.stop();
  }, 60_000);

  it('S2: says so too where it is a further issuer whose document names another', async () => {
    const [main, further] = await Promise.all([startRogueIssuer(), startRogueIssuer()]);
    further.describe({ issuer: main.issuer });
    const { issuer, clientKeyFile } = further;
    const { child } = await startMain({
      OIDC_ISSUER: main.issuer,
      OIDC_CLIENT_KEY_FILE: main.clientKeyFile,
      OIDC_FURTHER_ISSUERS: JSON.stringify([{ alias: 'corp', name: 'Corp', clientId: 'bff', issuer, clientKeyFile }]),
    });
    const said = await new Response(child.stderr).text();
    expect(await child.exited).toBe(1);
    expect(said).toContain('OIDC_FURTHER_ISSUERS');
    for (const value of [main.issuer, issuer, clientKeyFile]) expect(said).not.toContain(value);
    await Promise.all([main.stop(), further.stop()]);
  }, 30_000);
});
