import { describe, expect, it } from 'bun:test';
import type { SignedInUser } from '@chatapp/contract/http-bff';
import { fakeClock } from '../../test/fake-clock.ts';
import { ann, bob } from '../../test/people.ts';
import { ApiError } from '../api/api-error.ts';
import { createSession, type Session } from './session.ts';

const signedIn: SignedInUser = {
  user: { id: ann, name: 'Ann', avatarUrl: null, email: null, emailVerified: false, createdAt: null },
  sessionExpiresAt: '2026-11-22T10:00:00.000Z',
  logoutUrl: '/bff/logout?sid=1',
};

const signedOut = new ApiError('signed-out', 401);

const start = (...answers: (SignedInUser | ApiError)[]) => {
  const { clock, advance } = fakeClock();
  let asked = 0;
  const user = async () => {
    asked++;
    const answer = answers.shift() ?? signedIn;
    if (answer instanceof ApiError) throw answer;
    return answer;
  };
  return { session: createSession({ user, clock, random: () => 0.5 }), advance, asked: () => asked };
};
const signedInOf = ({ state }: Session) => {
  const now = state();
  return now.at === 'signed-in' ? now.signedIn : undefined;
};

describe('session', () => {
  it('is who the BFF says', async () => {
    const { session } = start(signedIn);
    await session.load();
    expect(session.state()).toEqual({ at: 'signed-in', signedIn });
  });

  it('is signed out on 401 only', async () => {
    const { session } = start(signedIn, signedOut);
    await session.load();
    await session.load();
    expect(session.state()).toEqual({ at: 'signed-out' });
  });

  it('stays the same object while the session lives', async () => {
    const { session } = start(signedIn, { ...signedIn, sessionExpiresAt: '2026-11-22T11:00:00.000Z' });
    await session.load();
    const before = signedInOf(session);
    await session.load();
    expect(signedInOf(session)).toBe(before);
  });

  it.each([
    ['of the same person', { ...signedIn, logoutUrl: '/bff/logout?sid=2' }],
    ['of somebody else', { ...signedIn, user: { ...signedIn.user, id: bob } }],
  ])('is another one for a new session %s', async (_name, next) => {
    const { session } = start(signedIn, next);
    await session.load();
    await session.load();
    expect(signedInOf(session)).toBe(next);
  });

  it('asks once more, and no oftener, a moment after a session ended: another tab may have another', async () => {
    const { session, advance, asked } = start(signedIn, signedOut, signedOut);
    await session.load();
    await session.load();
    await advance(60_000);
    expect(session.state()).toEqual({ at: 'signed-out' });
    expect(asked()).toBe(3);
    const late = start(signedIn, signedOut, signedIn);
    await late.session.load();
    await late.session.load();
    await late.advance(2_000);
    expect(late.session.state().at).toBe('signed-in');
  });

  it('asks once for all who want to know at a time', async () => {
    const { session, asked } = start();
    await Promise.all([session.load(), session.load()]);
    expect(asked()).toBe(1);
    await session.load();
    expect(asked()).toBe(2);
  });

  it('asks again while nobody can say', async () => {
    const { session, advance } = start(new ApiError('offline', 0), new ApiError('unavailable', 503));
    await session.load();
    expect(session.state()).toEqual({ at: 'unreachable' });
    await advance(1_250);
    expect(session.state()).toEqual({ at: 'unreachable' });
    await advance(1_500);
    expect(session.state().at).toBe('signed-in');
  });
});
