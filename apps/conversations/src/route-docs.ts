import { Id } from '@chatapp/contract/ids';
import { t } from 'elysia';

/** What the API documentation says of a route. */
export const docs = (tag: 'conversations' | 'members' | 'invitations' | 'users' | 'internal', summary: string) => ({
  tags: [tag],
  summary,
  security: [{ bearer: [] }],
});

export const ById = t.Object({ id: Id });
export const ByMember = t.Object({ id: Id, userId: Id });

/** The answer of what ends or removes something. */
export const noContent = (): Response => new Response(null, { status: 204 });
