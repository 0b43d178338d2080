import { Profile } from '@chatapp/contract/http-conversations';
import type { Id } from '@chatapp/contract/ids';
import { Me } from '@chatapp/contract/shapes';
import { machine } from '@chatapp/service/authenticate';
import { ProblemError } from '@chatapp/service/problem';
import { Elysia } from 'elysia';
import type { Uses } from '../deps.ts';
import { oneLine, userName } from '../plain-text.ts';
import { ById, docs } from '../route-docs.ts';
import type { UserRow } from '../tables.ts';
import { fold, foldEmail, named, toMe } from './user.ts';
import { insertProfile, lockProfile, writeProfile } from './user-store.ts';

/** `PUT /internal/users/:id`: the directory learns of a person at sign-in. Idempotent; the same profile again writes nothing. */
export const saveProfile = ({ auth, transact, now }: Uses<'auth' | 'transact' | 'now'>) =>
  new Elysia().use(machine(auth, 'conversations:users.write')).put(
    '/internal/users/:id',
    async ({ params, body }) => {
      const profile = { ...body, name: oneLine(body.name, userName) };
      const row = await transact(async (tx) => {
        const at = now();
        const fresh = newUser(params.id, profile, at);
        if (await insertProfile(tx, fresh)) return fresh;
        const before = await lockProfile(tx, params.id);
        if (before === undefined) throw new ProblemError('unavailable', { retryAfterMs: 1000 });
        // Their account was deleted a moment ago and is still being emptied.
        if (before.isLeaving) throw new ProblemError('unavailable', { retryAfterMs: 1000 });
        const after = vouchedFor(before, profile);
        return isSame(before, after) ? before : await writeProfile(tx, { before, after, at });
      });
      return toMe(row);
    },
    {
      params: ById,
      body: Profile,
      response: { 200: Me },
      detail: docs('internal', 'Keeps the profile that the issuer vouched for at sign-in.'),
    },
  );

const emailOf = ({ email, emailVerified }: Profile) => ({
  email,
  emailFolded: email === null ? null : foldEmail(email),
  emailVerified: emailVerified && email !== null,
});

const newUser = (id: Id, profile: Profile, at: Date): UserRow => ({
  id,
  name: profile.name,
  nameFolded: fold(profile.name),
  nameIsOwn: false,
  avatarUrl: profile.avatarUrl,
  avatarIsOwn: false,
  ...emailOf(profile),
  eventCount: 0,
  createdAt: at,
  updatedAt: at,
  deletedAt: null,
  isLeaving: false,
});

/** What the issuer says, but for what the person set themselves. Who signs in after deleting their account begins anew. */
const vouchedFor = (before: UserRow, profile: Profile): UserRow => ({
  ...(before.nameIsOwn ? before : named(before, profile.name)),
  avatarUrl: before.avatarIsOwn ? before.avatarUrl : profile.avatarUrl,
  ...emailOf(profile),
  deletedAt: null,
});

const isSame = (before: UserRow, after: UserRow): boolean =>
  before.deletedAt === after.deletedAt &&
  before.name === after.name &&
  before.avatarUrl === after.avatarUrl &&
  before.email === after.email &&
  before.emailFolded === after.emailFolded &&
  before.emailVerified === after.emailVerified;
