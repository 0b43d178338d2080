import { afterAll, beforeAll, describe, expect, it, setDefaultTimeout } from 'bun:test';
import { type ClientFrame, type ClientOp, clientFrames, type Reply, type Resumed } from '@chatapp/contract/frames';
import type { Sent } from '@chatapp/contract/http-messages';
import {
  type Actor,
  actors,
  casesOf,
  outsiders,
  type PolicyCase,
  takeTheSameTime,
} from '../../../dev/testing/authorization.ts';
import { socketPolicies } from '../../../dev/testing/authorization-policies.ts';
import { type ChatSocket, okOf, openSocket } from '../../../dev/testing/chat-socket.ts';
import { conversationOf, expectStatus, type Person } from '../../../dev/testing/person.ts';
import { type Chat, startChat } from '../testing/chat.ts';
import { knock } from '../testing/knock.ts';

setDefaultTimeout(30_000);

/** How somebody comes to their socket: who lost their place had it open when that happened, or opens it afterwards. */
const seats = [
  ...actors.map((actor) => ({ actor, opened: 'after' as const })),
  { actor: 'exMember', opened: 'before' } as const,
  { actor: 'banned', opened: 'before' } as const,
];
type Seat = (typeof seats)[number];
const hiddenFrom = seats.filter(({ actor }) => outsiders.some((outsider) => outsider === actor));

/** Messages of a conversation that nobody has touched, by whose they are. */
type Stock = Map<string, number[]>;
interface Place {
  readonly conversationId: string;
  readonly stock: Stock;
}
/** A socket, and all that came over it. */
interface Line {
  readonly person: Person;
  readonly socket: ChatSocket;
  readonly texts: readonly string[];
}

let chat: Chat;
let ann: Person;
let eve: Person;
/** A conversation for each past that eve has: member, banned, nothing. */
const places = new Map<string, Place>();
const lines = new Map<string, Line>();
const machineTokens: string[] = [];

const pastOf = (actor: Actor): 'exMember' | 'banned' | 'none' =>
  actor === 'exMember' || actor === 'banned' ? actor : 'none';
const lineKey = ({ actor, opened }: Seat): string => (actor === 'stranger' ? 'exMember after' : `${actor} ${opened}`);
const lineOf = (seat: Seat): Line => {
  const line = lines.get(lineKey(seat));
  if (line === undefined) throw new Error(`${lineKey(seat)} has no socket`);
  return line;
};
const placeOf = (actor: Actor): Place => places.get(pastOf(actor)) ?? { conversationId: '', stock: new Map() };

const openLine = async (person: Person): Promise<Line> => {
  const texts: string[] = [];
  const socket = await openSocket(person, { onText: (text) => texts.push(text) });
  okOf(await socket.request('resume', { conversations: [] }));
  return { person, socket, texts };
};

const write = async ({ person, socket }: Line, { conversationId, stock }: Place) => {
  const sent = Array.from({ length: 24 }, () =>
    socket.request('message.send', { conversationId, clientId: crypto.randomUUID(), body: 'hello' }),
  );
  stock.set(
    person.userId,
    (await Promise.all(sent)).map((reply) => okOf<Sent>(reply).seq),
  );
};

const pathOf = ({ conversationId }: Place) => `/api/conversations/conversations/${conversationId}`;
const tookFrom = ({ conversationId }: Place, { socket }: Line) =>
  socket.push('conversation', (push) => 'gone' in push && push.c === conversationId);

beforeAll(async () => {
  chat = await startChat({ env: { COMMANDS_PER_MINUTE: '100000', ORIGINS: 'https://admin.example' } });
  const people = await Promise.all(['ann', 'bob', 'carol', 'dave', 'eve'].map(chat.signIn));
  const [owner, bob, carol, dave, outsider] = people as [Person, Person, Person, Person, Person];
  [ann, eve] = [owner, outsider];
  for (const past of ['none', 'exMember', 'banned']) {
    const members = past === 'none' ? [bob, carol, dave] : [bob, carol, dave, eve];
    const { id } = await conversationOf(past, ann, ...members);
    places.set(past, { conversationId: id, stock: new Map() });
  }
  const named = { 'owner after': ann, 'admin after': bob, 'member after': carol, 'viewer after': dave };
  const early = { ...named, 'exMember before': eve, 'banned before': eve };
  for (const [key, person] of Object.entries(early)) lines.set(key, await openLine(person));

  // Everybody but a stranger was a member once, and wrote.
  for (const [key, line] of lines) await write(line, placeOf(key.split(' ')[0] as Actor));
  for (const past of ['exMember', 'banned'] as const)
    await write(lineOf({ actor: 'owner', opened: 'after' }), placeOf(past));

  const inNone = placeOf('stranger');
  for (const [person, role] of [
    [bob, 'admin'],
    [dave, 'viewer'],
  ] as const) {
    expectStatus(await ann.call('PATCH', `${pathOf(inNone)}/members/${person.userId}`, { role }), 200);
    const { socket } = lineOf({ actor: role, opened: 'after' });
    await socket.push(
      'conversation',
      (push) => 'set' in push && push.c === inNone.conversationId && push.set.myRole === role,
    );
  }
  expectStatus(await ann.call('DELETE', `${pathOf(placeOf('exMember'))}/members/${eve.userId}`), 204);
  expectStatus(await ann.call('POST', `${pathOf(placeOf('banned'))}/bans/${eve.userId}`), 201);
  for (const actor of ['exMember', 'banned'] as const) {
    await tookFrom(placeOf(actor), lineOf({ actor, opened: 'before' }));
    lines.set(`${actor} after`, await openLine(eve));
  }
  machineTokens.push(await chat.issuer.machineToken('bot', 'urn:chatapp:api', []));
}, 60_000);
afterAll(async () => {
  for (const { socket } of lines.values()) socket.close();
  await chat.stop();
});

type Fields<Op extends ClientOp> = Omit<Extract<ClientFrame, { op: Op }>, 'id' | 'op'>;
const command = (conversationId: string) => ({ conversationId, clientId: crypto.randomUUID() });
/** What each command says of a conversation, and a message in it. */
const fieldsOf: { readonly [Op in ClientOp]: (c: string, seq: number) => Fields<Op> } = {
  resume: (c) => ({ conversations: [[c, 0]] }),
  'message.send': (c) => ({ ...command(c), body: 'hello' }),
  'message.edit': (c, seq) => ({ ...command(c), seq, body: 'better' }),
  'message.delete': (c, seq) => ({ ...command(c), seq }),
  'reaction.set': (c, seq) => ({ ...command(c), seq, emoji: '👍', on: true }),
  read: (c, seq) => ({ conversationId: c, seq }),
  typing: (c) => ({ conversationId: c, on: true }),
  presence: () => ({ status: 'away' }),
  ping: () => ({}),
};

/** A conversation that is not there, or no more, is `gone` in the answer of a resume. */
const outcomeOf = (reply: Reply): string => {
  if ('error' in reply) return reply.error.code;
  const [resumed] = (reply.ok as Partial<Resumed>).conversations ?? [];
  return resumed && 'gone' in resumed ? 'not-found' : 'ok';
};

/** Sends a command that nobody answers where it is taken. */
const unanswered = async (line: Line, op: 'typing' | 'presence', place: Place): Promise<string> => {
  const { person, socket } = line;
  const refused = socket.request(op, fieldsOf[op](place.conversationId, 0), 5000).then(outcomeOf);
  const taken =
    op === 'presence'
      ? socket.request('ping', {}).then(outcomeOf)
      : lineOf({ actor: person === ann ? 'admin' : 'owner', opened: 'after' })
          .socket.push('typing', ({ c, userIds }) => c === place.conversationId && userIds.includes(person.userId))
          .then(() => 'ok');
  return await Promise.any([refused, taken]);
};

const seqFor = ({ person }: Line, { stock }: Place, whose: 'own' | 'others' = 'others'): number => {
  const other = person === ann ? lineOf({ actor: 'member', opened: 'after' }).person : ann;
  const seqs = (whose === 'own' && stock.get(person.userId)) || stock.get(other.userId);
  const seq = seqs?.pop();
  if (seq === undefined) throw new Error('more cases than messages');
  return seq;
};

const outcomeFor = async (seat: Seat, { name, whose }: PolicyCase<ClientOp>): Promise<string> => {
  const { actor } = seat;
  if (actor === 'machine' || actor === 'anonymous') {
    const headers = actor === 'machine' ? { authorization: `Bearer ${machineTokens[0]}` } : {};
    const { status, code } = await knock(`${chat.nodes[0]?.url}/realtime`, headers);
    return code ?? String(status);
  }
  const [line, place] = [lineOf(seat), placeOf(actor)];
  if (name === 'typing' || name === 'presence') return await unanswered(line, name, place);
  const seq = /^(message\.(edit|delete)|reaction)/.test(name) ? seqFor(line, place, whose) : 1;
  const fields = fieldsOf[name](place.conversationId, seq);
  return outcomeOf(await line.socket.request(name, fields as never));
};

const cases = casesOf(socketPolicies);

describe('the authorization matrix of the socket', () => {
  it('S32: has a policy for every command, and a command for every policy', () => {
    expect(Object.keys(socketPolicies).sort()).toEqual(Object.keys(clientFrames).sort());
  });

  describe.each(cases)('S32: $title', (row) => {
    it.each(seats)('as $actor, who came $opened', async (seat) => {
      expect(await outcomeFor(seat, row)).toBe(row.expected[seat.actor]);
    });
  });

  it.each(hiddenFrom)(
    'S32: answers $actor, who came $opened, to the byte as for a missing conversation',
    async (seat) => {
      const { socket, texts } = lineOf(seat);
      const { conversationId, stock } = placeOf(seat.actor);
      const [seq = 0] = stock.get(ann.userId) ?? [];
      const answerFor = async (op: ClientOp, c: string): Promise<string | undefined> => {
        const { re } = await socket.request(op, fieldsOf[op](c, seq) as never);
        // The ids of frame and conversation are the client's own.
        return texts
          .find((text) => text.startsWith(`{"re":${re},`))
          ?.replace(`{"re":${re},`, '')
          .replaceAll(c, '');
      };
      const hiding = cases.filter(({ expected }) => expected[seat.actor] === 'not-found').map(({ name }) => name);
      expect(hiding.length).toBeGreaterThan(6);
      for (const name of new Set(hiding)) {
        const hidden = await answerFor(name, conversationId);
        expect([name, hidden]).toEqual([name, expect.any(String)]);
        expect([name, hidden]).toEqual([name, await answerFor(name, crypto.randomUUID())]);
      }
    },
  );

  it.each(hiddenFrom)('S32: answers $actor, who came $opened, as soon as for a missing conversation', async (seat) => {
    const { socket } = lineOf(seat);
    const { conversationId } = placeOf(seat.actor);
    const missing = crypto.randomUUID();
    for (const { name } of cases.filter(({ expected }) => expected[seat.actor] === 'not-found')) {
      const same = await takeTheSameTime(
        () => socket.request(name, fieldsOf[name](conversationId, 1) as never),
        () => socket.request(name, fieldsOf[name](missing, 1) as never),
      );
      expect([name, same]).toEqual([name, true]);
    }
  });

  it.each(hiddenFrom)('S32: lets $actor, who came $opened, see nothing of what the members do', async (seat) => {
    const { socket, texts } = lineOf(seat);
    const owner = lineOf({ actor: 'owner', opened: 'after' });
    const { conversationId } = placeOf(seat.actor);
    const from = texts.length;
    const clientId = crypto.randomUUID();
    for (const guess of [`c:${conversationId}`, `u:${ann.userId}`]) {
      expect(outcomeOf(await socket.request('resume', { conversations: [[guess, 0]] }))).toBe('invalid');
    }
    const send = { conversationId, clientId, body: 'canary' };
    expect(outcomeOf(await socket.request('message.send', { ...send, senderId: ann.userId } as never))).toBe('invalid');
    const { seq } = okOf<Sent>(await owner.socket.request('message.send', send));
    okOf(await owner.socket.request('read', { conversationId, seq }));
    await owner.socket.push('message', ({ message }) => message.clientId === clientId);
    okOf(await socket.request('ping', {}));
    expect(texts.slice(from).filter((text) => /canary/.test(text) || text.includes(conversationId))).toEqual([]);
  });
});

describe('the pages that may open a socket', () => {
  it('S31: are those at PUBLIC_URL and in ORIGINS, at the BFF and at the service alike', async () => {
    const own = `http://localhost:${new URL(chat.bff.url).port}`;
    for (const at of [own, chat.nodes[0]?.url ?? '']) {
      const codes: (string | undefined)[] = [];
      for (const origin of [own, 'https://admin.example', 'https://evil.example'])
        codes.push((await knock(`${at}/realtime?ticket=x`, { origin })).code);
      expect([at, ...codes]).toEqual([at, 'token-invalid', 'token-invalid', 'origin']);
    }
  });
});
