import { afterAll, beforeAll, describe, expect, it } from 'bun:test';
import type { BusEvent } from '@chatapp/contract/events';
import { silentLog } from '@chatapp/service/log';
import fc from 'fast-check';
import { act, login } from '../testing/membership-acts.ts';
import { type Act, MembershipModel, type Tried } from '../testing/membership-model.ts';
import { type Answer, type Call, type Login, logins, type TestService, testService } from '../testing/service.ts';
import { sweepDeleted } from './conversations/erase-conversations.ts';
import { createRead, createTransact } from './database.ts';
import { takeLease } from './events/lease-store.ts';
import { expiryLease, sweepExpired } from './invitations/expire-invitations.ts';
import { newInvitationToken } from './invitations/token.ts';
import type { Mail } from './mail/invitation-mail.ts';
import { sweepMails } from './mail/send-due-mails.ts';

const runs = process.env.PROOF === 'full' ? 2000 : 100;
const actsMax = 40;
const hourMs = 3_600_000;

let service: TestService;
beforeAll(async () => {
  service = await testService({ invitationsPerHour: 1_000_000 });
  await takeLease(service.db, { name: expiryLease, owner: 'test', leaseMs: 86_400_000 });
}, 60_000);
afterAll(() => service.close());

/** Everybody with a token that lasts: the runs take longer than one. */
const everybody = { as: {} as Record<Login, Call>, until: 0 };
const signInAgain = async (): Promise<void> => {
  if (performance.now() < everybody.until) return;
  everybody.until = performance.now() + 120_000;
  for (const login of logins) everybody.as[login] = service.callWith(await service.issuer.personToken(login));
};

const outcomeOf = ({ status, body }: Answer): string => (status < 400 ? String(status) : `${status} ${body.code}`);

const parts = () => ({
  read: createRead(service.db),
  transact: createTransact(service.db, () => {}),
  now: service.now,
});
const sweep = async (): Promise<string> => {
  await sweepExpired(parts());
  await sweepDeleted(parts(), { graceMs: 7 * 24 * hourMs });
  return 'done';
};
/** The secret of the e-mail that is due. */
const tokenOfMail = async (): Promise<string> => {
  const mails: Mail[] = [];
  const send = async (mail: Mail) => void mails.push(mail);
  const links = { newToken: newInvitationToken, publicUrl: 'http://localhost:3000' };
  await sweepMails({ ...parts(), ...links, send, log: silentLog() });
  return /invite\/([\w-]{43})/.exec(mails[0]?.text ?? '')?.[1] ?? '';
};

/** Does an act at the service. What it made gets its ids in the model. */
const perform = async (act: Act, actor: Login, model: MembershipModel): Promise<string> => {
  const call = everybody.as[actor];
  const { ids } = service;
  const path = 'c' in act ? `/conversations/${model.conversation(act.c)?.id}` : '';
  const found = 'invitation' in act ? model.invitation(act.invitation) : undefined;
  // A person's invitation has no token, and its id is not one.
  const token = found?.token || 'x'.repeat(43);
  const asked = async (method: string, path: string, body?: object) => outcomeOf(await call(method, path, body));
  switch (act.do) {
    case 'create': {
      const answer = await call('POST', '/conversations', { name: 'Model' });
      const made = model.conversations.at(-1);
      if (made) made.id = answer.body.id;
      return outcomeOf(answer);
    }
    case 'invite': {
      const whom = {
        person: () => ({ userId: ids['target' in act ? act.target : 'ann'] }),
        email: () => ({ email: `${'target' in act ? act.target : ''}@example.test` }),
        link: () => ({ link: true, ...('usesMax' in act && act.usesMax ? { usesMax: act.usesMax } : {}) }),
      }[act.whom]();
      const expiresIn = act.days === null ? 'never' : `${act.days}d`;
      const answer = await call('POST', `${path}/invitations`, { ...whom, role: act.role, expiresIn });
      const made = model.invitations.at(-1);
      if (answer.status === 201 && made) {
        made.id = answer.body.id;
        if (act.whom !== 'person') made.token = answer.body.url?.split('/').at(-1) ?? (await tokenOfMail());
      }
      return outcomeOf(answer);
    }
    case 'accept':
      return asked('POST', `/invitations/${found?.id}/accept`);
    case 'redeem':
      return asked('POST', `/invitations/token/${token}/accept`);
    case 'preview':
      return asked('GET', `/invitations/token/${token}`);
    case 'decline':
      return asked('POST', `/invitations/${found?.id}/decline`, { block: act.block });
    case 'revoke':
      return asked('DELETE', `/invitations/${found?.id}`);
    case 'leave':
      return asked('POST', `${path}/leave`);
    case 'delete':
      return asked('DELETE', path);
    case 'restore':
      return asked('POST', `${path}/restore`);
    case 'remove':
      return asked('DELETE', `${path}/members/${ids[act.target]}`);
    case 'ban':
      return asked('POST', `${path}/bans/${ids[act.target]}`);
    case 'unban':
      return asked('DELETE', `${path}/bans/${ids[act.target]}`);
    case 'transfer':
      return asked('POST', `${path}/owner`, { userId: ids[act.target] });
    case 'role':
      return asked('PATCH', `${path}/members/${ids[act.target]}`, { role: act.role });
    case 'archive':
      return asked('PATCH', path, { archived: act.on });
    case 'joinable':
      return asked('PATCH', path, { joinable: act.on });
    case 'ask':
      return asked('POST', `${path}/join-requests`);
    case 'withdraw':
      return asked('DELETE', `${path}/join-requests`);
    case 'let-in':
      return asked('POST', `${path}/join-requests/${ids[act.target]}/accept`);
    case 'turn-down':
      return asked('POST', `${path}/join-requests/${ids[act.target]}/decline`);
    case 'members-may-invite':
      return asked('PATCH', path, { membersMayInvite: act.on });
    case 'block':
      return asked('PUT', `/me/blocks/${ids[act.target]}`);
    case 'unblock':
      return asked('DELETE', `/me/blocks/${ids[act.target]}`);
    case 'wait':
      service.time.offsetMs += act.hours * hourMs;
      return 'done';
    case 'sweep':
      return sweep();
    default:
      return act satisfies never;
  }
};

const loginOf = (userId: string): Login => logins.find((login) => service.ids[login] === userId) ?? 'ann';
const sorted = <T>(entries: Iterable<T>): T[] => [...entries].sort();

/** What the tables, the lists of everybody and the events say of the conversations at the end, beside what the model says. */
const compareEnd = async (model: MembershipModel): Promise<void> => {
  const { sql } = service;
  for (const { id, members, bans, requests, isErased, deletedAt } of model.conversations) {
    const expected = isErased ? [] : sorted(members);
    const rows = await sql<{ user_id: string; role: string }[]>`
      SELECT user_id, role FROM members WHERE conversation_id = ${id}`;
    expect(sorted(rows.map((row) => [loginOf(row.user_id), row.role]))).toEqual(expected as string[][]);
    const [row] = await sql<{ version: string; n: number }[]>`
      SELECT version, member_count AS n FROM conversations WHERE id = ${id}`;
    expect(row?.n).toBe(isErased ? undefined : members.size);
    const banned = await sql<{ user_id: string }[]>`SELECT user_id FROM bans WHERE conversation_id = ${id}`;
    expect(sorted(banned.map(({ user_id }) => loginOf(user_id)))).toEqual(isErased ? [] : sorted(bans));
    const asked = await sql<{ user_id: string; state: string }[]>`
      SELECT user_id, state FROM join_requests WHERE conversation_id = ${id}`;
    const states = asked.map(({ user_id, state }): [Login, string] => [loginOf(user_id), state]);
    expect(sorted(states)).toEqual(isErased ? [] : sorted(requests.states));
    const events = await eventsOf(id);
    const versions = events.flatMap(({ version }) => (version === null ? [] : [version]));
    expect(versions).toEqual(versions.map((_, index) => index + 1));
    if (row) expect(Number(row.version)).toBe(versions.length);
    expect(sorted(membersByEvents(events))).toEqual(sorted(isErased ? [] : members));
    for (const login of logins) {
      const seen = await everybody.as[login]('GET', `/conversations/${id}`);
      const role = members.get(login);
      const isSeen = !isErased && role !== undefined && (deletedAt === undefined || role === 'owner');
      expect([login, seen.body.myRole]).toEqual([login, isSeen ? role : undefined]);
    }
  }
  const left = model.invitations.filter(({ conversation }) => !conversation.isErased);
  const rows = await sql<{ id: string; state: string; uses: number }[]>`
    SELECT id, state, uses FROM invitations WHERE id = ANY(${left.map(({ id }) => id)})`;
  const stored = new Map(rows.map((row) => [row.id, `${row.state} ${row.uses}`]));
  expect(left.map(({ id }) => stored.get(id))).toEqual(left.map(({ state, uses }) => `${state} ${uses}`));
};

const eventsOf = async (id: string): Promise<BusEvent[]> => {
  const rows = await service.sql<{ event: string }[]>`
    SELECT event FROM outbox WHERE subject_id = ${id} ORDER BY ordinal`;
  return rows.map((row) => JSON.parse(row.event));
};

/** Who is a member as one who only hears the events believes. */
const membersByEvents = (events: readonly BusEvent[]): Map<Login, string> => {
  const members = new Map<Login, string>();
  for (const event of events) {
    if (event.type === 'conversation.created') {
      members.set(loginOf(event.data.member.user.id), event.data.member.role);
    }
    if (event.type === 'member.added' || event.type === 'member.role-changed') {
      members.set(loginOf(event.data.userId), event.data.role);
    }
    if (event.type === 'member.left' || event.type === 'member.removed' || event.type === 'member.banned') {
      members.delete(loginOf(event.data.userId));
    }
    if (event.type === 'conversation.erased') members.clear();
  }
  return members;
};

/** A sweep looks back a month: what was over for longer when it is made is never written down, and nobody stands still so long. */
const sweptInTime = (acts: readonly Tried[]): readonly Tried[] => {
  let sinceHours = 0;
  return acts.flatMap((one): Tried[] => {
    if (one.do === 'sweep') sinceHours = 0;
    if (one.do !== 'wait') return [one];
    const isDue = sinceHours + one.hours > 700;
    sinceHours = isDue ? one.hours : sinceHours + one.hours;
    return isDue ? [{ do: 'sweep' }, one] : [one];
  });
};

describe(`the life of a membership, ${runs} runs (PROOF=full: 2000)`, () => {
  it(
    'is what a simple model of it says, whoever does whatever in whichever order',
    async () => {
      const outcomes = new Map<string, number>();
      let done = 0;
      await fc.assert(
        fc.asyncProperty(
          login,
          fc.array(act, { minLength: 5, maxLength: actsMax, size: 'max' }),
          async (first, acts) => {
            await signInAgain();
            await service.sql`DELETE FROM blocks`;
            const model = new MembershipModel();
            const seen: string[] = [];
            // People may ask to join the first one, until somebody changes that.
            const begin = [
              { do: 'create', actor: first },
              { do: 'joinable', c: 0, actor: first, on: true },
            ] as const;
            for (const tried of [...begin, ...sweptInTime(acts)]) {
              const one = model.named(tried);
              const actor = model.actorOf(one);
              if (actor === undefined) continue;
              const wanted = model.do(one, actor);
              const got = await perform(one, actor, model);
              seen.push(`${actor} ${JSON.stringify(one)}: ${got}`);
              if (got !== wanted) throw new Error(`${got}, but the model says ${wanted}, after\n${seen.join('\n')}`);
              outcomes.set(`${one.do} ${got}`, (outcomes.get(`${one.do} ${got}`) ?? 0) + 1);
            }
            await compareEnd(model);
            done++;
          },
        ),
        { numRuns: runs, endOnFailure: false },
      );
      const acts = [...outcomes.values()].reduce((sum, count) => sum + count, 0);
      console.log(`${done} runs, ${acts} acts, ${outcomes.size} outcomes: ${sorted(outcomes.keys()).join(', ')}`);
      expect(done).toBe(runs);
      expect(outcomes.size).toBeGreaterThan(60);
    },
    60_000 + runs * 2000,
  );
});
