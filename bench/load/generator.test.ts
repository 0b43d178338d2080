import { afterEach, describe, expect, it } from 'bun:test';
import { eventually } from '../../dev/testing/eventually.ts';
import { Generator } from './generator.ts';
import type { LoadCounts, RoomPlan } from './plan.ts';

const room = 'aaaaaaaa-0000-4000-8000-000000000001';
const rooms: RoomPlan[] = [{ id: room, members: [0, 1, 2] }];
const stops: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

/** A bridge of one room that passes on each text as often as it is told. */
const serve = (times: (text: number) => number): string => {
  let texts = 0;
  const server = Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    fetch: (request, server) => (server.upgrade(request) ? undefined : new Response('no', { status: 503 })),
    websocket: {
      open: (socket) => void socket.subscribe('room'),
      message(_socket, text) {
        for (let left = times(++texts); left > 0; left--) server.publish('room', text);
      },
    },
  });
  stops.push(() => server.stop(true));
  return `http://127.0.0.1:${server.port}`;
};

const connected = async (url: string): Promise<Generator> => {
  const generator = new Generator();
  const sockets = Array.from({ length: 3 }, () => ({ url, rooms: [room] }));
  await generator.act({ ask: 'connect', dialect: 'bare', sockets, width: 2 });
  stops.unshift(async () => void (await generator.act({ ask: 'disconnect' })));
  return generator;
};

const counts = async (generator: Generator, ask: 'counts' | 'rest'): Promise<LoadCounts> =>
  (await generator.act({ ask })) as LoadCounts;

describe('Generator', () => {
  it('keeps a number of messages on their way, and counts each delivery once', async () => {
    const generator = await connected(serve(() => 1));
    await generator.act({ ask: 'saturate', rooms, order: [0], inFlight: 4 });
    await eventually(async () => (await counts(generator, 'counts')).deliveries > 300);
    expect((await counts(generator, 'counts')).open).toBe(4);
    const { sent, deliveries, expected, closed } = await counts(generator, 'rest');
    expect(deliveries).toBe(sent * 3);
    expect(expected).toBe(deliveries);
    expect(closed).toBe(0);
  });

  it('notices a server that doubles a message', async () => {
    const generator = await connected(serve((text) => (text === 20 ? 2 : 1)));
    await generator.act({ ask: 'saturate', rooms, order: [0], inFlight: 1 });
    await eventually(async () => (await counts(generator, 'counts')).deliveries > 100);
    const { deliveries, expected } = await counts(generator, 'rest');
    expect(deliveries - expected).toBe(3);
  });

  it('notices a server that loses a message', async () => {
    const generator = await connected(serve((text) => (text === 20 ? 0 : 1)));
    await generator.act({ ask: 'steady', rooms, perSecond: 500 });
    await eventually(async () => (await counts(generator, 'counts')).deliveries > 100);
    const { deliveries, expected } = await counts(generator, 'rest');
    expect(expected - deliveries).toBe(3);
  });

  it('measures the way of each delivery at a steady rate', async () => {
    const generator = await connected(serve(() => 1));
    await generator.act({ ask: 'steady', rooms, perSecond: 200 });
    await eventually(async () => (await counts(generator, 'counts')).deliveries >= 60);
    const { p50Ms, p99Ms } = await counts(generator, 'rest');
    expect(p50Ms).toBeGreaterThan(0);
    expect(p99Ms).toBeGreaterThanOrEqual(p50Ms);
  });
});
