import type { Id } from '@chatapp/contract/ids';
import type { Role } from '@chatapp/contract/roles';
import { Conversation } from '@chatapp/contract/shapes';
import { person } from '@chatapp/service/authenticate';
import { ProblemError } from '@chatapp/service/problem';
import { Elysia } from 'elysia';
import type { Uses } from '../deps.ts';
import { PictureQuery, pictureBody, readPicture, showPicture } from '../picture.ts';
import { refuse } from '../refuse.ts';
import { ById, docs } from '../route-docs.ts';
import { conversationSeenBy } from './conversation.ts';
import { readConversationAvatar, saveConversationAvatar } from './conversation-avatar-store.ts';
import { lockSeat, readSeat, recordChange, type Seat } from './conversation-store.ts';
import { conversationUpdated, updateRefusal } from './conversation-update.ts';

/** Its handler reads the body: it is no JSON. */
export const isConversationAvatarPath = (pathname: string): boolean =>
  /^\/conversations\/[^/]+\/avatar$/.test(pathname);

/**
 * `PUT /conversations/:id/avatar`: a PNG, JPEG or WebP of up to 64 KB; `PATCH /conversations/:id` with `avatarUrl` null takes it away.
 * `GET` shows it to members, and by the present address, which an invitation carries, to whoever is signed in.
 */
export const conversationAvatars = ({
  auth,
  read,
  transact,
  now,
  newToken,
}: Uses<'auth' | 'read' | 'transact' | 'now' | 'newToken'>) =>
  new Elysia()
    .use(person(auth))
    .put(
      '/conversations/:id/avatar',
      async ({ person, params, request }) => {
        // Before its picture is read; what is decided under the lock counts.
        refuseChange(await read((db) => readSeat(db, params.id, person.id)));
        const picture = await readPicture(request);
        const token = newToken();
        return await transact(async (tx) => {
          const seat = await lockSeat(tx, params.id, person.id);
          refuseChange(seat);
          const at = now();
          await saveConversationAvatar(tx, { conversationId: params.id, ...picture, token, createdAt: at });
          const set = { avatarUrl: addressOf(params.id, token) };
          const events = [() => conversationUpdated(set)];
          const after = await recordChange(tx, { before: seat.conversation, set, actor: person.id, at, events });
          return conversationSeenBy(seat.member, after, seat.peer);
        });
      },
      {
        params: ById,
        response: { 200: Conversation },
        detail: {
          ...docs('conversations', 'Sets the picture of a conversation: a PNG, JPEG or WebP of up to 64 KB.'),
          requestBody: pictureBody,
        },
      },
    )
    .get(
      '/conversations/:id/avatar',
      async ({ person, params, query, request }) => {
        const found = await read((db) => readConversationAvatar(db, params.id, person.id));
        if (found === undefined || !mayLook(found, query.v)) throw new ProblemError('not-found');
        return showPicture({ ...found.avatar, version: found.avatar.token }, { request, asked: query.v });
      },
      { params: ById, query: PictureQuery, detail: docs('conversations', 'Shows the picture of a conversation.') },
    );

const refuseChange = ({ member, conversation }: Seat): void =>
  refuse(updateRefusal(member.role, conversation, { avatarUrl: null }));

/** Who is invited, or follows a link, has the address of the present picture and nothing else. A deleted conversation is its owner's alone. */
const mayLook = (
  { avatar, deletedAt, role }: { avatar: { token: string }; deletedAt: Date | null; role: Role | null },
  asked: string | undefined,
): boolean => (deletedAt === null ? role !== null || asked === avatar.token : role === 'owner');

/** Where a browser finds a picture, through the BFF. */
const addressOf = (id: Id, token: string): string => `/api/conversations/conversations/${id}/avatar?v=${token}`;
