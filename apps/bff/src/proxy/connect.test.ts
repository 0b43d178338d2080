import { describe, expect, it } from 'bun:test';
import { freePort } from '../../../../dev/ports.ts';
import { connectWithin } from './connect.ts';

describe('connectWithin', () => {
  it('is content with whoever listens, by name, IPv4 and IPv6', async () => {
    const server = Bun.serve({ port: 0, hostname: '127.0.0.1', fetch: () => new Response() });
    await connectWithin(`http://127.0.0.1:${server.port}`, 1000);
    await connectWithin(`http://localhost:${server.port}`, 1000);
    await server.stop(true);
  });

  it('says that no connection was made where nobody listens, and where nobody answers in time', async () => {
    const refused = connectWithin(`http://127.0.0.1:${await freePort()}`, 1000);
    expect(await refused.catch((error) => error.code)).toBe('EHOSTUNREACH');
    // 192.0.2.0/24 is for documentation (RFC 5737): packets to it go nowhere.
    const at = performance.now();
    const lost = connectWithin('http://192.0.2.1:81', 100);
    expect(await lost.catch((error) => error.code)).toBe('EHOSTUNREACH');
    expect(performance.now() - at).toBeLessThan(2000);
  });
});
