import { Block, PageQuery } from '@chatapp/contract/http-conversations';
import { Id } from '@chatapp/contract/ids';
import { Page } from '@chatapp/contract/shapes';
import { person } from '@chatapp/service/authenticate';
import { ProblemError } from '@chatapp/service/problem';
import { refuseBody } from '@chatapp/service/refuse-body';
import { Elysia, t } from 'elysia';
import type { Uses } from '../deps.ts';
import { pageOf, pageRequest } from '../page.ts';
import { docs, noContent } from '../route-docs.ts';
import { findUser, requireUser } from '../users/user-store.ts';
import { type BlockView, deleteBlock, findBlock, insertBlock, listBlockViews } from './block-store.ts';

const ByUser = t.Object({ userId: Id });

/** `GET /me/blocks`, `PUT` and `DELETE /me/blocks/:userId`: whose invitations and direct conversations do not reach me. They are not told. */
export const blocks = ({ auth, read, transact, now }: Uses<'auth' | 'read' | 'transact' | 'now'>) =>
  new Elysia()
    .use(person(auth))
    .get(
      '/me/blocks',
      async ({ person, query }) => {
        const request = { ...pageRequest(query), userId: person.id };
        const views = await read((db) => listBlockViews(db, request));
        return pageOf(views, request, { item: toBlock, key: (view) => [view.createdAt.toISOString(), view.user.id] });
      },
      { query: PageQuery, response: { 200: Page(Block) }, detail: docs('users', 'Lists whom I blocked.') },
    )
    .put(
      '/me/blocks/:userId',
      async ({ person, params: { userId } }) => {
        if (userId === person.id) throw new ProblemError('conflict', { detail: 'This is you.' });
        const view = await transact(async (tx) => {
          await requireUser(tx, person.id);
          if (!(await findUser(tx, userId))) throw new ProblemError('not-found');
          await insertBlock(tx, { userId: person.id, blockedId: userId, createdAt: now() });
          return await findBlock(tx, person.id, userId);
        });
        if (view === undefined) throw new ProblemError('not-found');
        return toBlock(view);
      },
      { params: ByUser, beforeHandle: refuseBody, response: { 200: Block }, detail: docs('users', 'Blocks a person.') },
    )
    .delete(
      '/me/blocks/:userId',
      async ({ person, params }) => {
        await transact((tx) => deleteBlock(tx, person.id, params.userId));
        return noContent();
      },
      { params: ByUser, detail: docs('users', 'Ends a block.') },
    );

const toBlock = ({ user, createdAt }: BlockView): Block => ({ user, createdAt: createdAt.toISOString() });
