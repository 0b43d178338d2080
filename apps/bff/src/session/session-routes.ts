import { Device, RealtimeTicket, SignedInUser, type TicketGrant, ticketKey } from '@chatapp/contract/http-bff';
import { Page } from '@chatapp/contract/shapes';
import { ProblemError } from '@chatapp/service/problem';
import { Elysia, t } from 'elysia';
import type { Directory } from '../login/directory.ts';
import type { Issuers } from '../login/issuers.ts';
import { newSecret } from './secret.ts';
import type { LiveSession } from './sessions.ts';
import { type SessionParts, sessionOf, signedIn } from './signed-in.ts';
import { type TicketStore, ticketMs } from './ticket-store.ts';

export interface SessionRouteParts extends SessionParts {
  readonly directory: Directory;
  readonly issuers: Pick<Issuers, 'of'>;
  readonly tickets: TicketStore;
  /** Where browsers open their socket. */
  readonly socketUrl: string;
  readonly now: () => number;
}

/** What a browser asks about its own session. */
export const sessionRoutes = (parts: SessionRouteParts) =>
  new Elysia()
    .get(
      '/bff/user',
      async ({ request, query }) => {
        const live = await sessionOf(request, parts, { slide: query.slide !== 'false' });
        return describe(await known(live, parts));
      },
      {
        query: t.Object({ slide: t.Optional(t.Union([t.Literal('true'), t.Literal('false')])) }),
        response: { 200: SignedInUser },
        detail: { tags: ['session'], summary: 'Who is signed in; `slide=false` does not prolong the session.' },
      },
    )
    .use(
      new Elysia()
        .use(signedIn(parts))
        .post('/bff/realtime-ticket', ({ live }) => issueTicket(live, parts), {
          response: { 200: RealtimeTicket },
          detail: { tags: ['session'], summary: 'A ticket for one socket: one use, 30 s, bound to the session.' },
        })
        .get('/bff/sessions', ({ live }) => devices(live, parts), {
          response: { 200: Page(Device) },
          detail: { tags: ['session'], summary: 'My devices: where I am signed in.' },
        })
        .delete(
          '/bff/sessions',
          async ({ live, query, request, set }) => {
            if (query.others !== 'true') throw new ProblemError('invalid');
            await parts.sessions.endOthers(live, request);
            set.status = 204;
          },
          {
            query: t.Object({ others: t.Optional(t.String()) }),
            detail: { tags: ['session'], summary: 'Signs me out everywhere else (`others=true`).' },
          },
        )
        .delete(
          '/bff/sessions/:id',
          async ({ live, params, request, set }) => {
            await endDevice({ live, id: params.id, request }, parts);
            set.status = 204;
          },
          {
            params: t.Object({ id: t.String({ pattern: '^[\\w-]{22}$' }) }),
            detail: { tags: ['session'], summary: 'Signs one of my devices out.' },
          },
        ),
    );

const instant = (ms: number): string => new Date(ms).toISOString();

const describe = ({ sid, session, expiresAt }: LiveSession) => ({
  user: session.me,
  sessionExpiresAt: instant(expiresAt),
  logoutUrl: `/bff/logout?sid=${sid}`,
});

/**
 * With the person as the directory has them now: they may have changed their name on another device. While it is away the session's copy is told; a person
 * of whom it has not heard, because it was away when they signed in, is made known to it.
 */
const known = async (live: LiveSession, { directory, sessions }: SessionRouteParts): Promise<LiveSession> => {
  const { me: before } = live.session;
  const me = await (before.createdAt === null ? directory.register(before) : directory.find(before.id));
  if (me === undefined || Bun.deepEquals(me, before)) return live;
  const changed = await sessions.change(live, async (present) => ({ ...present, me }));
  if (changed === undefined) throw new ProblemError('signed-out');
  return { ...changed, expiresAt: live.expiresAt };
};

const issueTicket = async (live: LiveSession, { tickets, socketUrl, now }: SessionRouteParts) => {
  const ticket = newSecret();
  const { session, sid, expiresAt } = live;
  const grant: TicketGrant = { userId: session.userId, sid, sessionExpiresAt: instant(expiresAt) };
  await tickets.keep(ticketKey(ticket), grant);
  return { url: socketUrl, ticket, expiresAt: instant(now() + ticketMs) };
};

const devices = async (live: LiveSession, { sessions }: SessionRouteParts) => {
  const mine = await sessions.ofUser(live.session.userId);
  const items = mine.map(({ sid, record, usedAt, expiresAt }) => ({
    id: sid,
    current: sid === live.sid,
    userAgent: record.userAgent,
    startedAt: instant(record.startedAt),
    lastSeenAt: instant(Math.max(record.startedAt, usedAt)),
    expiresAt: instant(expiresAt),
  }));
  return { items, next: null };
};

const endDevice = async (
  { live, id, request }: { live: LiveSession; id: string; request: Request },
  { sessions, issuers }: SessionRouteParts,
): Promise<void> => {
  const mine = await sessions.ofUser(live.session.userId);
  // Somebody else's session is as unknown as none.
  if (!mine.some(({ sid }) => sid === id)) throw new ProblemError('not-found');
  const isThisOne = id === live.sid;
  await sessions.end(id, isThisOne ? 'logout' : 'ended-elsewhere', request);
  const { refreshToken } = live.session.tokens;
  // What another device holds, only its cookie opens.
  if (isThisOne && refreshToken !== null) await issuers.of(live.session).revoke(refreshToken);
};
