import type { RoomPlan, SocketPlan } from '../load/plan.ts';
import type { Contestant } from './contestant.ts';

/** Rooms of people who each have one socket, and how the messages are spread over the rooms. */
export interface Shape {
  readonly name: string;
  readonly rooms: readonly RoomPlan[];
  /** The room of each socket. */
  readonly roomOf: readonly RoomPlan[];
  /** Whom each socket belongs to: places that the product knows as members. */
  readonly places: readonly number[];
  /** Places of rooms, over and over. */
  readonly order: readonly number[];
  /** Messages on their way when it is saturated. */
  readonly inFlight: number;
}

export interface RoomGroup {
  readonly count: number;
  readonly size: number;
  /** Of 100 messages, how many go into these rooms. */
  readonly share: number;
}

export interface ShapeOptions {
  readonly name: string;
  readonly groups: readonly RoomGroup[];
  readonly inFlight: number;
  /** One a socket, of people whom no other shape has. */
  readonly places: readonly number[];
}

export const socketsOf = (groups: readonly RoomGroup[]): number =>
  groups.reduce((sum, { count, size }) => sum + count * size, 0);

export const makeShape = ({ name, groups, inFlight, places }: ShapeOptions): Shape => {
  const rooms: RoomPlan[] = [];
  const ofGroups = groups.map(({ count, size }) =>
    Array.from({ length: count }, () => {
      const first = rooms.at(-1)?.members.at(-1) ?? -1;
      return (
        rooms.push({ id: crypto.randomUUID(), members: Array.from({ length: size }, (_, at) => first + 1 + at) }) - 1
      );
    }),
  );
  const roomOf = rooms.flatMap((room) => room.members.map(() => room));
  return { name, rooms, roomOf, places, inFlight, order: orderOf(groups, ofGroups) };
};

/** The places of rooms in the shares of their groups, evenly mixed: every room gets its turn, and every round is the same. */
const orderOf = (groups: readonly RoomGroup[], ofGroups: readonly (readonly number[])[]): number[] => {
  const length = Math.max(100, ...groups.map(({ count, share }) => Math.ceil((count * 100) / share)));
  const taken = groups.map(() => 0);
  return Array.from({ length }, (_, turn) => {
    // The group that lags most behind its share.
    const lags = groups.map(({ share }, at) => ((turn + 1) * share) / 100 - (taken[at] ?? 0));
    const group = lags.indexOf(Math.max(...lags));
    const rooms = ofGroups[group] ?? [];
    const room = rooms[(taken[group] ?? 0) % rooms.length] ?? 0;
    taken[group] = (taken[group] ?? 0) + 1;
    return room;
  });
};

/** The sockets of a shape at a server, the members of a room spread over all nodes. */
export const socketPlans = (shape: Shape, contestant: Contestant): Promise<SocketPlan[]> =>
  Promise.all(
    shape.roomOf.map(async (room, at) => {
      const url = contestant.nodes[at % contestant.nodes.length] ?? '';
      const proof = await contestant.proof(shape.places[at] ?? 0);
      return { url, rooms: [room.id], ...(proof === undefined ? {} : { proof }) };
    }),
  );

/** What the product has to know: each room with the places of its members. */
export const seedOf = (shape: Shape): { id: string; places: number[] }[] =>
  shape.rooms.map(({ id, members }) => ({ id, places: members.map((at) => shape.places[at] ?? 0) }));
