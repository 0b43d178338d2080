import { LiveSessions, SessionsRequest } from '@chatapp/contract/http-bff';
import { type Authentication, machine } from '@chatapp/service/authenticate';
import { Elysia } from 'elysia';
import { isVaultId } from './secret.ts';
import type { Sessions } from './sessions.ts';

/** What the realtime service asks every 60 s about the sessions of its sockets. */
export const liveSessionsRoute = (auth: Authentication, sessions: Sessions) =>
  new Elysia().use(machine(auth, 'bff:sessions.read')).post(
    '/internal/sessions',
    async ({ body }) => {
      const alive = await sessions.alive(body.sids.filter(isVaultId));
      return { items: alive.map(({ sid, expiresAt }) => ({ sid, expiresAt: new Date(expiresAt).toISOString() })) };
    },
    {
      body: SessionsRequest,
      response: { 200: LiveSessions },
      detail: { tags: ['internal'], summary: 'Of these sessions those that live.', security: [{ bearer: [] }] },
    },
  );
