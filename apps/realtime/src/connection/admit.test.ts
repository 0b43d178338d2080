import { describe, expect, it } from 'bun:test';
import { Sessions } from '../sessions/sessions.ts';
import { type AdmitOptions, admit } from './admit.ts';
import { People } from './people.ts';

const origin = 'https://chat.example';
const now = 1000;

const handshake = () =>
  new Request('http://node/realtime?ticket=a-ticket-of-sixteen', { headers: { upgrade: 'websocket', origin } });

const options = (meanwhile: (sessions: Sessions) => void): AdmitOptions => {
  const sessions = new Sessions();
  return {
    ...{ origins: [origin], apiAudience: 'api', people: new People(), sessions, isDraining: () => false },
    verify: async () => {
      throw new Error('nobody comes with a token');
    },
    takeTicket: async () => ({ userId: 'ann', sid: 'hers', sessionExpiresAt: new Date(now + 1).toISOString() }),
    socketsElsewhere: async () => {
      meanwhile(sessions);
      return 0;
    },
    now: () => now,
  };
};

describe('admit', () => {
  it('lets in who comes with a ticket', async () => {
    const admission = await admit(
      handshake(),
      options(() => undefined),
    );
    expect(admission).toEqual({ userId: 'ann', sid: 'hers', expiresAt: now + 1 });
  });

  it('S38: refuses who signed out while the sockets elsewhere were counted', async () => {
    const answer = admit(
      handshake(),
      options((sessions) => sessions.noteEnded('hers', now)),
    );
    await expect(answer).rejects.toMatchObject({ code: 'signed-out' });
  });
});
