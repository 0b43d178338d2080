import { PersonalData } from '@chatapp/contract/http-conversations';
import type { Id } from '@chatapp/contract/ids';
import { person } from '@chatapp/service/authenticate';
import { ProblemError } from '@chatapp/service/problem';
import { Elysia } from 'elysia';
import { listActsOf } from '../audit/audit-store.ts';
import { conversationSeenBy } from '../conversations/conversation.ts';
import { listSeatsOf } from '../conversations/conversation-store.ts';
import type { Queryable } from '../database.ts';
import type { Uses } from '../deps.ts';
import { docs } from '../route-docs.ts';
import { listBansOf, listBlocksOf, listInvitationsOf, listJoinRequestsOf } from './personal-data-store.ts';
import { toMe } from './user.ts';
import { readProfile } from './user-store.ts';

/** The latest of each kind; nobody has more by hand. */
const rowsMax = 10_000;

/** `GET /me/export`: everything that this service keeps of me, as a file. */
export const exportMe = ({ auth, read, now }: Uses<'auth' | 'read' | 'now'>) =>
  new Elysia().use(person(auth)).get(
    '/me/export',
    async ({ person, set }) => {
      set.headers['content-disposition'] = 'attachment; filename="chatapp-conversations.json"';
      set.headers['cache-control'] = 'no-store';
      return await read((db) => personalData(db, person.id, now()));
    },
    { response: { 200: PersonalData }, detail: docs('users', 'Everything that is kept of me here, as JSON.') },
  );

const personalData = async (db: Queryable, id: Id, at: Date): Promise<PersonalData> => {
  const profile = await readProfile(db, id);
  if (profile === undefined || profile.deletedAt !== null) throw new ProblemError('not-found');
  const seats = await listSeatsOf(db, id, rowsMax);
  const { sent, received } = await listInvitationsOf(db, id, rowsMax);
  return {
    exportedAt: at.toISOString(),
    profile: toMe(profile),
    conversations: seats.map((seat) => conversationSeenBy(seat.member, seat.conversation, seat.peer)),
    invitationsSent: sent.map(dated),
    invitationsReceived: received.map(dated),
    joinRequests: (await listJoinRequestsOf(db, id, rowsMax)).map(dated),
    blocks: (await listBlocksOf(db, id, rowsMax)).map(dated),
    bans: (await listBansOf(db, id, rowsMax)).map(dated),
    acts: (await listActsOf(db, id, rowsMax)).map((act) => ({ ...act, at: act.at.toISOString() })),
  };
};

const dated = <Row extends { createdAt: Date }>(row: Row) => ({ ...row, createdAt: row.createdAt.toISOString() });
