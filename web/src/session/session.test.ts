import { describe, expect, it } from 'bun:test';
import type { SignedInUser } from '@chatapp/contract/http-bff';
import { fakeClock } from '../../test/fake-clock.ts';
import { ann } from '../../test/people.ts';
import { ApiError } from '../api/api-error.ts';
import { createSession } from './session.ts';

const signedIn: SignedInUser = {
  user: { id: ann, name: 'Ann', avatarUrl: null, email: null, emailVerified: false, createdAt: null },
  sessionExpiresAt: '2026-11-22T10:00:00.000Z',
  logoutUrl: '/bff/logout?sid=1',
};

const start = (...answers: (SignedInUser | ApiError)[]) => {
  const { clock, advance } = fakeClock();
  const user = async () => {
    const answer = answers.shift() ?? signedIn;
    if (answer instanceof ApiError) throw answer;
    return answer;
  };
  return { session: createSession({ user, clock, random: () => 0.5 }), advance };
};

describe('session', () => {
  it('is who the BFF says', async () => {
    const { session } = start(signedIn);
    await session.load();
    expect(session.state()).toEqual({ at: 'signed-in', signedIn });
    session.end();
    expect(session.state()).toEqual({ at: 'signed-out' });
  });

  it('is signed out on 401 only', async () => {
    const { session } = start(new ApiError('signed-out', 401));
    await session.load();
    expect(session.state()).toEqual({ at: 'signed-out' });
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
