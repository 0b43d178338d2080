import { describe, expect, it } from 'bun:test';
import { fakeClock } from '../../test/fake-clock.ts';
import { harbour } from '../../test/people.ts';
import { ApiError } from '../api/api-error.ts';
import { ConnectionLost, SocketRefusal } from '../realtime/replies.ts';
import { createReadMarker } from './read-marker.ts';

/** The first tries end as `tries` says, `never` without an answer; the others are saved. */
const start = (...tries: (Error | 'never')[]) => {
  const { clock, advance, settle } = fakeClock();
  const state = { looking: true, last: 0, saved: [] as number[], asked: [] as string[] };
  const marker = createReadMarker({
    clock,
    random: () => 0.5,
    looking: () => state.looking,
    lastRead: () => state.last,
    moved: (_c, seq) => {
      state.last = seq;
    },
    save: async (_c, seq, by) => {
      state.asked.push(`${by} ${seq}`);
      const end = tries.shift();
      if (end === 'never') await new Promise(() => undefined);
      if (end) throw end;
      state.saved.push(seq);
    },
  });
  return { marker, state, advance, settle };
};
const unavailable = new SocketRefusal({ code: 'unavailable', temporary: true });
const offline = new ApiError('offline', 0);

describe('read marker', () => {
  it('moves once for several messages that are seen at a time', async () => {
    const { marker, state, advance } = start();
    for (const seq of [3, 4, 5, 4]) marker.see(harbour, seq);
    await advance(250);
    expect(state).toMatchObject({ last: 5, saved: [5] });
    marker.see(harbour, 2);
    await advance(250);
    expect(state.saved).toEqual([5]);
  });

  it('does not move while nobody looks, and catches up when somebody does', async () => {
    const { marker, state, advance } = start();
    state.looking = false;
    marker.see(harbour, 3);
    await advance(1000);
    expect(state.saved).toEqual([]);
    state.looking = true;
    marker.lookAgain();
    await advance(250);
    expect(state.saved).toEqual([3]);
  });
});

describe('read marker that could not be saved', () => {
  it('takes HTTP at once after a refusal for now or a lost socket', async () => {
    for (const error of [unavailable, new ConnectionLost()]) {
      const { marker, state, advance } = start(error);
      marker.see(harbour, 3);
      await advance(250);
      expect(state).toMatchObject({ asked: ['socket 3', 'http 3'], saved: [3] });
    }
  });

  it('takes HTTP when the socket does not answer within five seconds', async () => {
    const { marker, state, advance } = start('never');
    marker.see(harbour, 3);
    await advance(5_249);
    expect(state.asked).toEqual(['socket 3']);
    await advance(1);
    expect(state).toMatchObject({ asked: ['socket 3', 'http 3'], saved: [3] });
  });

  it('is saved again until that works, with where reading has got to by then', async () => {
    const { marker, state, advance } = start(unavailable, offline, offline);
    marker.see(harbour, 3);
    await advance(250);
    marker.see(harbour, 7);
    await advance(250);
    expect(state.asked).toEqual(['socket 3', 'http 3']);
    await advance(60_000);
    expect(state).toMatchObject({ asked: ['socket 3', 'http 3', 'http 7', 'http 7'], saved: [7] });
  });

  it('is saved at once when the connection is back, and once only', async () => {
    const { marker, state, advance, settle } = start(unavailable, offline);
    marker.see(harbour, 3);
    await advance(250);
    marker.saveAll();
    await settle();
    marker.saveAll();
    await advance(60_000);
    expect(state).toMatchObject({ asked: ['socket 3', 'http 3', 'socket 3'], saved: [3] });
  });

  it('is given up where it is refused for good, and when the page stops', async () => {
    const refused = start(new ApiError('not-found', 404));
    refused.marker.see(harbour, 3);
    await refused.advance(60_000);
    expect(refused.state.asked).toEqual(['socket 3']);
    const stopped = start(unavailable, offline);
    stopped.marker.see(harbour, 3);
    await stopped.advance(250);
    stopped.marker.stop();
    await stopped.advance(60_000);
    expect(stopped.state.asked).toEqual(['socket 3', 'http 3']);
  });
});
