import { describe, expect, it } from 'bun:test';
import { fakeClock } from '@chatapp/resilience/fake-clock';
import { silentLog } from '@chatapp/service/log';
import type { EndReason } from './session.ts';
import { createTellEnd } from './tell-end.ts';

const start = () => {
  const clock = fakeClock();
  const told: string[] = [];
  const tellEnd = createTellEnd({
    closeSockets: (sid) => void told.push(`sockets of ${sid}`),
    publish: async ({ data }) => told.push(`${data.reason} of ${data.sid}`),
    now: Date.now,
    clock,
    log: silentLog(),
  });
  return { clock, told, end: (reason: EndReason) => tellEnd({ sid: 's', userId: 'ann', reason }) };
};

describe('the end of a session', () => {
  it('is told at once, to the sockets of this process first', async () => {
    const { told, end } = start();
    await end('logout');
    expect(told).toEqual(['sockets of s', 'logout of s']);
  });

  it('is told half a second later where the browser signed in again, and keeps nobody waiting', async () => {
    const { clock, told, end } = start();
    await end('signed-in-again');
    await clock.advance(499);
    expect(told).toEqual([]);
    await clock.advance(1);
    expect(told).toEqual(['sockets of s', 'signed-in-again of s']);
  });
});
