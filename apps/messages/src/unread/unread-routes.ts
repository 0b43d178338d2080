import { showsReceipts } from '@chatapp/contract/http-conversations';
import { Read, Receipts, UnreadList } from '@chatapp/contract/http-messages';
import { Id } from '@chatapp/contract/ids';
import { type Authentication, person } from '@chatapp/service/authenticate';
import { Elysia, t } from 'elysia';
import type { Sql } from 'postgres';
import type { AccessCache } from '../access/access.ts';
import type { ConversationsClient } from '../access/conversations-client.ts';
import { requireAccess } from '../access/require-access.ts';
import { idempotencyKey } from '../commands/idempotency-key.ts';
import type { RunCommand } from '../commands/run-command.ts';
import { readDatabase } from '../database.ts';
import { readReceipts, readUnread } from './unread-store.ts';

const tags = ['unread'];
const security = [{ bearer: [] }];

export interface UnreadRoutesOptions {
  readonly auth: Authentication;
  readonly access: AccessCache;
  readonly conversations: ConversationsClient;
  readonly sql: Sql;
  readonly run: RunCommand;
  readonly newId: () => string;
}

/** What is unread, and the markers that it is counted from. */
export const unreadRoutes = ({ auth, access, conversations, sql, run, newId }: UnreadRoutesOptions) =>
  new Elysia()
    .use(person(auth))
    .get(
      '/unread',
      async ({ person }) => {
        const { items } = await conversations.memberships(person.id);
        const ids = items.map(({ id }) => id);
        return { items: await readDatabase(() => readUnread(sql, person.id, ids)), next: null };
      },
      {
        response: { 200: UnreadList },
        detail: { tags, security, summary: 'Unread and mention counts of all my conversations, exact up to 100.' },
      },
    )
    .get(
      '/conversations/:id/receipts',
      async ({ person, params: { id } }) => {
        const isShown = showsReceipts(await requireAccess(access, id, person.id));
        return { items: isShown ? await readDatabase(() => readReceipts(sql, id)) : [], next: null };
      },
      {
        params: t.Object({ id: Id }),
        response: { 200: Receipts },
        detail: {
          tags,
          security,
          summary:
            'How far each member has read; empty where the conversation shows no receipts, or has too many members.',
        },
      },
    )
    .put(
      '/conversations/:id/read',
      async ({ person, params: { id }, body, request }) => {
        const clientId = idempotencyKey(request) ?? newId();
        const seq = 'seq' in body ? body.seq : null;
        const markedUnread = 'markedUnread' in body ? body.markedUnread : null;
        await run({ op: 'read', conversationId: id, actorId: person.id, clientId, seq, markedUnread });
        return {};
      },
      {
        params: t.Object({ id: Id }),
        body: Read,
        response: { 200: t.Object({}) },
        detail: { tags, security, summary: 'Moves my read marker, which only grows, or sets the flag beside it.' },
      },
    );
