import { Id } from '@chatapp/contract/ids';
import { type Authentication, machine } from '@chatapp/service/authenticate';
import { Elysia, t } from 'elysia';
import type { Audit } from '../audit/audit.ts';
import type { Sessions } from './sessions.ts';

/** For administrators: signs a person out everywhere. */
export const endSessionsRoute = (auth: Authentication, { sessions, audit }: { sessions: Sessions; audit: Audit }) =>
  new Elysia().use(machine(auth, 'bff:sessions.write')).delete(
    '/internal/users/:id/sessions',
    async ({ params, request, machine: { clientId } }) => {
      const ofUser = await sessions.ofUser(params.id);
      for (const { sid } of ofUser) await sessions.end(sid, 'ended-by-machine', request);
      const count = ofUser.length;
      audit({ event: 'sessions.ended-by-machine', userId: params.id, by: clientId, count }, request);
      return { ended: count };
    },
    {
      params: t.Object({ id: Id }),
      response: { 200: t.Object({ ended: t.Integer() }) },
      detail: { tags: ['internal'], summary: 'Ends all sessions of a person.', security: [{ bearer: [] }] },
    },
  );
