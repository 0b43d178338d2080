import { afterAll, beforeAll, describe, expect, it } from 'bun:test';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:tls';
import { selfSignedCertificate } from '../../../../dev/testing/certificate.ts';
import { everyRoute } from '../../testing/every-route.ts';
import { type Browser, type Stand, startStand } from '../../testing/harness.ts';

let stand: Stand;
let ann: Browser;
let certificate: { readonly cert: string; readonly key: string };
beforeAll(async () => {
  stand = await startStand();
  ann = await stand.signIn('ann');
  certificate = await selfSignedCertificate(Date.now());
}, 60_000);
afterAll(() => stand.stop());

const service = () => {
  let requests = 0;
  const server = Bun.serve({
    port: 0,
    tls: certificate,
    fetch(): Response {
      requests++;
      return new Response('fine');
    },
  });
  return { url: `https://localhost:${server.port}`, requests: () => requests, stop: () => server.stop(true) };
};

describe('the way to a service', () => {
  it('S26: carries no token where the certificate is nobody’s that we trust', async () => {
    const imposter = service();
    const instance = await stand.another({ MESSAGES_URL: imposter.url, REALTIME_URL: imposter.url });
    const answer = await ann.call('GET', '/api/messages/x', { at: instance.url });
    expect([502, 503]).toContain(answer.status);
    const handshake = {
      origin: stand.url,
      connection: 'Upgrade',
      upgrade: 'websocket',
      'sec-websocket-version': '13',
      'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
    };
    const socket = await fetch(`${instance.url}/realtime?ticket=t`, { headers: handshake });
    expect([502, 503]).toContain(socket.status);
    expect(imposter.requests()).toBe(0);
    // The certificate is a good one: who trusts it gets through.
    const trusting = await fetch(imposter.url, { tls: { ca: certificate.cert } } as RequestInit);
    expect(await trusting.text()).toBe('fine');
    imposter.stop();
  });

  it('S26: carries no token to an issuer with such a certificate either', async () => {
    const imposter = service();
    const instance = await stand.another({ OIDC_ISSUER: imposter.url });
    const answer = await fetch(`${instance.url}/bff/login`, { redirect: 'manual' });
    expect(answer.status).toBe(503);
    expect(imposter.requests()).toBe(0);
    imposter.stop();
  });

  it('S26: speaks no TLS below 1.2', async () => {
    const versions: (string | null)[] = [];
    const serve = async (maxVersion: 'TLSv1.1' | 'TLSv1.2') => {
      const server = createServer({ ...certificate, minVersion: 'TLSv1', maxVersion }, (socket) => {
        versions.push(socket.getProtocol());
        socket.end('HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok');
      });
      server.on('tlsClientError', () => undefined);
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const { port } = server.address() as AddressInfo;
      const answer = await fetch(`https://localhost:${port}/`, { tls: { ca: certificate.cert } } as RequestInit).then(
        (response) => response.text(),
        () => 'refused',
      );
      server.close();
      return answer;
    };
    expect(await serve('TLSv1.1')).toBe('refused');
    expect(await serve('TLSv1.2')).toBe('ok');
    expect(versions).toEqual(['TLSv1.2']);
  });

  it('S26: has no secret in an address, but the ticket that is used up by it; no log holds one', async () => {
    stand.mirror.clear();
    const { ticket } = (await (await ann.call('POST', '/bff/realtime-ticket')).json()) as { ticket: string };
    const socket = new WebSocket(`${stand.url.replace('http', 'ws')}/realtime?ticket=${ticket}`);
    await new Promise((resolve) => socket.addEventListener('open', resolve));
    socket.close();
    for (const { method, path } of everyRoute(stand.first.bff)) await ann.call(method, path);
    const token = stand.mirror.seen.find(({ headers }) => headers.authorization)?.headers.authorization?.slice(7);
    expect(token).toStartWith('eyJ');
    const addresses = stand.mirror.seen.map(({ path }) => path).filter((path) => !path.startsWith('/realtime'));
    expect(addresses.length).toBeGreaterThan(10);
    for (const address of addresses) expect(address).not.toMatch(/token|ticket|secret|session|eyJ/);
    const logged = stand.first.logged.join('\n');
    for (const secret of [ticket, token ?? '', ann.cookie().split('=')[1] ?? '']) expect(logged).not.toContain(secret);
  });
});
