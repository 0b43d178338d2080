import type { Message } from '@chatapp/contract/shapes';
import fc from 'fast-check';
import type { BusNote, Task } from '../commands/task.ts';
import { ann, bob, edit, eve, read, remove, send } from './people.ts';

export const people = [ann, bob, eve] as const;
const person = fc.constantFrom(...people);
const place = fc.integer({ min: 1, max: 12 });
const body = fc.constantFrom('hi', `<@${ann}>`, `<@${bob}> <@${eve}>`, `<@${eve}>`);

const sent = fc.record({ op: fc.constant('send' as const), actorId: person, body });
const commanded = fc.oneof(
  { weight: 5, arbitrary: sent },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('edit' as const), actorId: person, seq: place, body }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('delete' as const), seq: place }) },
  { weight: 2, arbitrary: fc.record({ op: fc.constant('read' as const), actorId: person, seq: place }) },
  {
    weight: 1,
    arbitrary: fc.record({ op: fc.constant('flag' as const), actorId: person, markedUnread: fc.boolean() }),
  },
);
const noted = fc.oneof(
  // The event comes so many batches after what it tells of.
  fc.record({ op: fc.constant('join' as const), userId: person, late: fc.integer({ min: 0, max: 2 }) }),
  fc.record({ op: fc.constant('leave' as const), userId: person }),
  fc.record({ op: fc.constant('rename' as const), userId: person }),
);
type Step =
  | (typeof commanded extends fc.Arbitrary<infer T> ? T : never)
  | (typeof noted extends fc.Arbitrary<infer T> ? T : never);

const some = <T>(arbitrary: fc.Arbitrary<T>) => fc.array(arbitrary, { minLength: 1, maxLength: 6 });

/** Batches as they come: commands of all kinds, sends alone, or what bus events leave; the two never share a batch. */
export const history: fc.Arbitrary<Step[][]> = fc.array(
  fc.oneof(
    { weight: 2, arbitrary: some<Step>(commanded) },
    { weight: 2, arbitrary: some<Step>(sent) },
    { weight: 1, arbitrary: some<Step>(noted) },
  ),
  { minLength: 1, maxLength: 7 },
);

interface Person {
  readonly seq: number;
  readonly flag: boolean;
  /** Of the right that their commands carry, and of the last loss. */
  readonly granted: number;
  readonly lost: number;
}

/** A conversation as the protocol tells it, one step after another, and the tasks that make it so. */
export const createWorld = (conversationId: string, startAt: number) => {
  const all = new Map<string, Person>(people.map((id) => [id, { seq: 0, flag: false, granted: 1, lost: 0 }]));
  /** The last seq at the beginning of each batch. */
  const headAt: number[] = [];
  let head = 0;
  let version = 1;

  const of = (id: string): Person => all.get(id) ?? { seq: 0, flag: false, granted: 1, lost: 0 };
  const change = (id: string, fields: Partial<Person>) => all.set(id, { ...of(id), ...fields });
  const instantOf = (batch: number) => startAt + batch * 1000;

  const note = (fields: Pick<BusNote, 'actorId' | 'system'> & Partial<BusNote>): BusNote => {
    head++;
    return {
      ...{ op: 'note', conversationId, clientId: crypto.randomUUID(), at: instantOf(headAt.length - 1), origin: null },
      ...{ joined: null, left: null, loss: null, erases: false },
      ...fields,
    };
  };

  const take = (step: Step): Task => {
    switch (step.op) {
      case 'join': {
        const { userId } = step;
        const batch = Math.max(0, headAt.length - 1 - step.late);
        change(userId, { seq: Math.max(of(userId).seq, headAt[batch] ?? 0), flag: false, granted: ++version });
        const system = { type: 'joined', userId, role: 'member' } as const;
        return note({ actorId: userId, system, joined: userId, at: instantOf(batch) });
      }
      case 'leave': {
        const { userId } = step;
        change(userId, { lost: ++version });
        const system = { type: 'left', userId } as const;
        return note({ actorId: userId, system, left: userId, loss: { userId, version } });
      }
      case 'rename':
        return note({ actorId: step.userId, system: { type: 'renamed', userId: step.userId, name: 'Tea' } });
      default:
        return command(step);
    }
  };

  const command = (step: Exclude<Step, { op: 'join' | 'leave' | 'rename' }>): Task => {
    const actorId = step.op === 'delete' ? ann : step.actorId;
    const { seq: before, granted, lost } = of(actorId);
    const as = { actorId, version: granted };
    // Who is gone is refused, whatever they ask for.
    const may = granted >= lost;
    switch (step.op) {
      case 'send':
        if (may) change(actorId, { seq: ++head, flag: false });
        return send(conversationId, { ...as, body: step.body });
      case 'edit':
        return edit(conversationId, step.seq, { ...as, body: step.body });
      case 'delete':
        return remove(conversationId, step.seq, { ...as, role: 'owner' });
      case 'read': {
        const seq = Math.min(step.seq, head);
        if (may && seq > before) change(actorId, { seq, flag: false });
        return read(conversationId, { ...as, seq: step.seq });
      }
      case 'flag':
        if (may) change(actorId, { flag: step.markedUnread });
        return read(conversationId, { ...as, markedUnread: step.markedUnread });
      default:
        throw new TypeError(`no such step: ${step satisfies never}`);
    }
  };

  return {
    /** The tasks of the next batch, and when it is to be saved. */
    next(batch: readonly Step[]): { readonly tasks: Task[]; readonly now: number } {
      headAt.push(head);
      return { tasks: batch.map(take), now: instantOf(headAt.length - 1) };
    },
    markerOf: (userId: string) => ({ lastReadSeq: of(userId).seq, markedUnread: of(userId).flag }),
    head: () => head,
  };
};

/** Others' texts after a place. */
export const countByHand = (all: readonly Message[], userId: string, after: number) => {
  const others = all.filter(
    ({ seq, kind, senderId, deletedAt }) => seq > after && kind === 'text' && senderId !== userId && deletedAt === null,
  );
  return { unread: others.length, mentions: others.filter(({ mentions }) => mentions.includes(userId)).length };
};
