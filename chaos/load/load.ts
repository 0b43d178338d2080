import { type ChatClient, startChatClient } from '../../dev/testing/chat-client.ts';
import { eventually } from '../../dev/testing/eventually.ts';
import { canaryLength, type HistoryEvent } from '../../dev/testing/history.ts';
import { type Person, signIn } from '../../dev/testing/person.ts';
import { oneOf, seededRandom } from '../random.ts';
import { type Ghost, startGhost } from './ghost.ts';
import { endSession, leaveConversation, logoutUrlOf, patiently } from './go.ts';
import { makeRooms, type Room, signInAll, stayingPeople } from './members.ts';
import type { LoadPlan, LoadState } from './plan.ts';

interface Loader {
  readonly name: string;
  readonly person: Person;
  readonly client: ChatClient;
  rooms: readonly Room[];
  /** Sends nothing any more: it is about to be signed out. */
  isGoing: boolean;
  /** Its sign-out was asked for, and not answered yet. */
  isAsking: boolean;
  signedOut: boolean;
  /** Own messages that may still be edited, the newest last. */
  readonly own: { readonly c: string; readonly seq: number }[];
}

const tickMs = 20;
const ownKeptMax = 20;
/** Of how many people, one after another, a sign-out is tried. */
const signOutTriesMax = 3;

/** Clients who write to each other at a steady rate, however slowly they are answered, and note all that they see. */
export class Load {
  readonly #random: () => number;
  #loaders: Loader[] = [];
  #rooms: readonly Room[] = [];
  #loudRoom: Room | undefined;
  readonly #ghosts: Ghost[] = [];
  readonly #timers: ReturnType<typeof setInterval>[] = [];
  #sent = 0;
  #acked = 0;
  /** One new session for all sockets of a person. */
  readonly #signingIn = new Map<string, Promise<Person>>();

  constructor(
    readonly plan: LoadPlan,
    readonly record: (event: HistoryEvent) => void,
  ) {
    this.#random = seededRandom(plan.seed);
  }

  async prepare(): Promise<void> {
    const { url, people, clients } = this.plan;
    const persons = await signInAll(url, people);
    this.#rooms = await makeRooms(persons, { ...this.plan, random: this.#random });
    if (this.plan.loud) {
      const { members } = this.plan.loud;
      const [loud] = await makeRooms(persons.slice(-members), { conversations: 1, members, random: this.#random });
      this.#loudRoom = loud;
      if (loud) this.#rooms = [...this.#rooms, loud];
    }
    this.#loaders = Array.from({ length: clients }, (_, at) => this.#startLoader(persons, at));
    await eventually(() => this.#loaders.every(({ client }) => client.isResumed), { timeoutMs: 60_000 });
  }

  begin(): void {
    this.#steadily(this.plan.messagesPerSecond, () => this.#sendOne());
    const { loud } = this.plan;
    const room = this.#loudRoom;
    if (!loud || !room) return;
    const writing = room.members.slice(0, loud.writers);
    const writers = this.#loaders.filter(({ person }) => writing.includes(person));
    this.#steadily(loud.messagesPerSecond, () => {
      this.#sent++;
      const { client } = oneOf(this.#random, writers);
      this.#count(client.send(room.c, this.#text(room.c, loud)));
    });
  }

  end(): void {
    for (const timer of this.#timers.splice(0)) clearInterval(timer);
  }

  /** Ends the sessions of one person, whose sockets the server has to close; nobody sends in their name any more, but a ghost. */
  async signOut(): Promise<void> {
    for (const { person } of this.#mayGo(0).slice(0, signOutTriesMax))
      if (await this.#signOutPerson(person.login)) return;
  }

  /** One person who is not an owner leaves one conversation, on every device; nobody writes there in their name any more. */
  async leave(): Promise<void> {
    const leaver = this.#mayGo(1).find(({ person, rooms }) => rooms.some((room) => room.members[0] !== person));
    const room = leaver?.rooms.find(({ members }) => members[0] !== leaver.person);
    if (!leaver || !room) return;
    const own = this.#loaders.filter(({ person }) => person === leaver.person);
    for (const loader of own) loader.rooms = loader.rooms.filter((each) => each !== room);
    try {
      await eventually(() => own.every(({ client }) => client.pending === 0), patiently);
      for (const { name } of own) this.record({ at: Date.now(), who: name, k: 'leaves', c: room.c });
      await leaveConversation(leaver.client.person, room.c);
      for (const { name } of own) this.record({ at: Date.now(), who: name, k: 'left', c: room.c });
    } catch {
      for (const loader of own) loader.rooms = [...loader.rooms, room];
    }
  }

  noteSessionsLost(): void {
    const at = Date.now();
    for (const { name, signedOut } of this.#loaders) if (!signedOut) this.record({ at, who: name, k: 'signed-out' });
  }

  state(): LoadState {
    const staying = this.#loaders.filter(({ signedOut, isGoing }) => !signedOut && !isGoing);
    return {
      conversations: this.#rooms.map(({ c }) => c),
      sent: this.#sent,
      acked: this.#acked,
      pending: staying.reduce((sum, { client }) => sum + client.pending, 0),
      away: staying.filter(({ client }) => !client.isResumed).length,
      positions: staying.flatMap(({ name, client, rooms }) =>
        rooms.map(({ c }) => ({ who: name, c, have: client.position(c).have })),
      ),
    };
  }

  stop(): void {
    this.end();
    for (const { client } of this.#loaders) client.stop();
    for (const ghost of this.#ghosts) ghost.stop();
  }

  #steadily(perSecond: number, send: () => void): void {
    const startedAt = performance.now();
    let sent = 0;
    const catchUp = () => {
      for (const due = ((performance.now() - startedAt) / 1000) * perSecond; sent < due; sent++) send();
    };
    this.#timers.push(setInterval(catchUp, tickMs));
  }

  #startLoader(persons: readonly Person[], at: number): Loader {
    const person = persons[at % persons.length];
    if (!person) throw new Error('a load needs people');
    const name = `${person.login}#${Math.floor(at / persons.length) + 1}`;
    const rooms = this.#rooms.filter(({ members }) => members.includes(person));
    const now = Date.now();
    this.record({ at: now, who: name, k: 'signed-in' });
    for (const { c } of rooms) this.record({ at: now, who: name, k: 'joined', c, by: person.userId });
    const client = startChatClient({
      ...{ person, name, record: this.record, random: this.#random, slim: true },
      // Both ways of leaving a node that drains.
      waitsForClose: at % 2 === 1,
      pings: this.plan.pings ?? true,
      conversations: rooms.map(({ c }) => c),
      signInAgain: () => this.#signInAgain(loader),
    });
    const loader: Loader = { name, person, client, rooms, isGoing: false, isAsking: false, signedOut: false, own: [] };
    return loader;
  }

  /** Of the people who may go, every other one signs out, and those between leave: whose session ends is not looked at where they left. */
  #mayGo(remainder: 0 | 1): Loader[] {
    const goes = (at: number) => at % 2 === remainder && at >= stayingPeople;
    return this.#loaders.filter(({ signedOut }, at) => !signedOut && goes(at % this.plan.people));
  }

  /** False where there was no session to end, or no answer: then all stays as it was. */
  async #signOutPerson(login: string): Promise<boolean> {
    const own = this.#loaders.filter(({ person }) => person.login === login);
    for (const loader of own) loader.isGoing = true;
    try {
      await eventually(() => own.every(({ client }) => client.pending === 0), patiently);
      // One unless they were lost, and the devices came back one after another.
      const sessions = [...new Set(own.map(({ client }) => client.person))];
      const urls = await Promise.all(sessions.map(logoutUrlOf));
      const ghost = await this.#ghostOf(own);
      const names = [...own, ...(ghost ? [ghost] : [])].map(({ name }) => name);
      for (const loader of own) loader.isAsking = true;
      // Before it is asked: their sockets may be closed before the answer is here, and even where it never comes.
      for (const who of names) this.record({ at: Date.now(), who, k: 'signs-out' });
      for (const [at, person] of sessions.entries()) await endSession(person, urls[at] ?? '');
      for (const who of names) this.record({ at: Date.now(), who, k: 'signed-out' });
      for (const loader of own) loader.signedOut = true;
      ghost?.haunt();
      return true;
    } catch {
      return false;
    } finally {
      for (const loader of own) Object.assign(loader, { isGoing: false, isAsking: false });
    }
  }

  async #ghostOf([loader]: readonly Loader[]): Promise<Ghost | undefined> {
    const [room] = loader?.rooms ?? [];
    if (!loader || !room) return undefined;
    const { person } = loader.client;
    const named = { name: `${person.login}#ghost`, c: room.c, person };
    const ghost = await startGhost({ ...named, record: this.record, random: this.#random });
    this.#ghosts.push(ghost);
    return ghost;
  }

  async #signInAgain(loader: Loader): Promise<Person> {
    while (loader.isAsking) await Bun.sleep(100);
    // Who was signed out stays so: whatever reaches those clients from now on is for the judge.
    if (loader.signedOut) return await new Promise(() => undefined);
    const { login } = loader.person;
    const running = this.#signingIn.get(login) ?? signIn(this.plan.url, login);
    this.#signingIn.set(login, running);
    return await running.finally(() => this.#signingIn.delete(login));
  }

  #sendOne(): void {
    this.#sent++;
    const loader = oneOf(
      this.#random,
      this.#loaders.filter(({ signedOut, isGoing, rooms }) => !signedOut && !isGoing && rooms.length > 0),
    );
    const own = this.#random() < this.plan.changeShare ? loader.own.shift() : undefined;
    this.#count(own ? this.#change(loader, own) : this.#send(loader, oneOf(this.#random, loader.rooms).c));
  }

  #count(command: Promise<unknown>): void {
    command.then(
      () => this.#acked++,
      // Refused for good, or stopped: it is in the history.
      () => undefined,
    );
  }

  async #send({ client, own }: Loader, c: string): Promise<void> {
    const { seq } = await client.send(c, this.#text(c));
    own.push({ c, seq });
    if (own.length > ownKeptMax) own.shift();
  }

  async #change(loader: Loader, { c, seq }: { c: string; seq: number }): Promise<void> {
    if (!loader.rooms.some((room) => room.c === c)) return;
    const isDeletion = this.#random() < 0.2;
    await loader.client.change(c, seq, isDeletion ? null : this.#text(c));
    if (!isDeletion) loader.own.push({ c, seq });
  }

  #text(c: string, { padding, paddingLength }: Pick<LoadPlan, 'padding' | 'paddingLength'> = this.plan): string {
    return `${c.slice(0, canaryLength)} ${this.#sent} ${padding.repeat(paddingLength)}`.trim();
  }
}
