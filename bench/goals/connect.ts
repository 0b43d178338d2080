import { type Person, signIn } from '../../dev/testing/person.ts';
import { type Bench, type Benchmark, contestantsOf } from '../bench.ts';
import { inParallel } from '../load/parallel.ts';
import type { SocketPlan } from '../load/plan.ts';
import type { Contestant } from '../system/contestant.ts';
import { cpuBetween, cpuSeconds, sumOf } from '../system/process-cpu.ts';
import { Rounds, rotated } from '../system/rounds.ts';
import { ratioVerdict } from './verdicts.ts';

/** Of each person. */
const roomsEach = 5;
const width = 32;
/** A ticket lives for 30 s: not more of them at a time than are used by then, on a slow machine too. */
const ticketsAtOnce = 500;

interface Connected {
  readonly connectMs: number;
  /** CPU ms of making one ticket at the BFF. */
  readonly ticketMs: number;
  readonly parts: Readonly<Record<string, number>>;
}

/** The CPU that a work took, by process. */
const cpuOf = async (contestant: Contestant, work: () => Promise<unknown>): Promise<Record<string, number>> => {
  const before = cpuSeconds(contestant.processes());
  await work();
  return cpuBetween(before, cpuSeconds(contestant.processes()));
};

/** Real people, signed in through the BFF by the issuer's forms, each in a few conversations. */
const signedInPeople = async ({ product, sizes }: Bench): Promise<{ person: Person; rooms: string[] }[]> => {
  const logins = Array.from({ length: sizes.connects.people }, (_, at) => `load-${String(at + 1).padStart(3, '0')}`);
  const people = await inParallel(logins, 6, (login) => signIn(product.url, login));
  // Each room has the five people from one on, so that each is in five.
  const rooms = people.map((_, at) => ({
    id: crypto.randomUUID(),
    memberIds: Array.from({ length: roomsEach }, (_, next) => people[(at + next) % people.length]?.userId ?? ''),
  }));
  await product.seedPeople(rooms);
  return people.map((person) => ({
    person,
    rooms: rooms.filter(({ memberIds }) => memberIds.includes(person.userId)).map(({ id }) => id),
  }));
};

const scaled = (parts: Readonly<Record<string, number>>, count: number): Record<string, number> =>
  Object.fromEntries(Object.entries(parts).map(([name, seconds]) => [name, (seconds * 1000) / count]));

const added = (one: Readonly<Record<string, number>>, other: Readonly<Record<string, number>>) =>
  Object.fromEntries(Object.entries(other).map(([name, value]) => [name, value + (one[name] ?? 0)]));

export const connecting: Benchmark = {
  goals: ['G6'],
  async measure(bench) {
    const { load, product, sizes } = bench;
    const people = await signedInPeople(bench);
    // Everybody's first socket, then everybody's second: connects at the same moment are of different people.
    const wanted = Array.from({ length: sizes.connects.socketsEach }, () => people).flat();

    const connectAll = async (contestant: Contestant): Promise<Connected> => {
      let [tickets, connects]: Record<string, number>[] = [{}, {}];
      for (let from = 0; from < wanted.length; from += ticketsAtOnce) {
        const some = wanted.slice(from, from + ticketsAtOnce);
        let proofs: SocketPlan['proof'][] = [];
        const made = await cpuOf(contestant, async () => {
          if (contestant !== product) return;
          proofs = await inParallel(some, width, async ({ person }) => ({ ticket: (await person.ticket()).ticket }));
        });
        const sockets = some.map(({ rooms }, at) => {
          const proof = proofs[at];
          const url = contestant.nodes[(from + at) % contestant.nodes.length] ?? '';
          return { url, rooms, ...(proof === undefined ? {} : { proof }) };
        });
        const { dialect } = contestant;
        const used = await cpuOf(contestant, () => load.ask('connect', { dialect, sockets, width }));
        tickets = added(tickets ?? {}, made);
        connects = added(connects ?? {}, used);
      }
      await load.ask('disconnect', {});
      const count = wanted.length;
      const parts = scaled(connects ?? {}, count);
      return { connectMs: sumOf(parts), ticketMs: sumOf(scaled(tickets ?? {}, count)), parts };
    };

    const rounds = new Rounds<Connected>();
    const contestants = await contestantsOf(bench, 'Socket.IO');
    for (const contestant of contestants) await connectAll(contestant);
    for (let round = 0; round < bench.rounds; round++) {
      for (const contestant of rotated(contestants, round)) {
        // Sockets that are gone are still counted for a moment, and nobody has more than twenty.
        await Bun.sleep(1500);
        const connected = await connectAll(contestant);
        rounds.note(contestant.name, connected);
        bench.say(
          `connect, round ${round + 1}, ${contestant.name}: ${connected.connectMs.toFixed(3)} CPU ms a connect, ` +
            `${connected.ticketMs.toFixed(3)} a ticket`,
        );
      }
    }
    const ticketMs = rounds.median(product.name, (one) => one.ticketMs);
    return [
      ratioVerdict({
        ...{ goal: 'G6', title: 'connecting with ticket and memberships, against Socket.IO without any check' },
        ...{ measure: 'CPU ms / connect', unit: '× cheaper', target: { atLeast: 2 }, of: 'Socket.IO', by: 'ChatApp' },
        figures: rounds.figures(({ connectMs }) => connectMs),
        parts: { ChatApp: rounds.of('ChatApp').at(-1)?.parts ?? {} },
        note: `from the handshake with its ticket to the answer of the resume, people in ${roomsEach} conversations; making a ticket at the BFF takes ${ticketMs.toFixed(2)} CPU ms besides`,
      }),
    ];
  },
};
