import type { ClientFrameOf } from '@chatapp/contract/frames';
import type { ChangesOf } from '@chatapp/contract/http-messages';
import { limits } from '@chatapp/contract/limits';
import { temporaryError } from '../commands/put-command.ts';
import type { Connection } from '../connection/connection.ts';
import type { TellDifference } from '../events/tell-difference.ts';
import { fitResume, type ResumeFinding } from './fit-resume.ts';
import type { Heads } from './heads.ts';
import type { PersonConversations } from './memberships.ts';
import { type Missed, missedKey, type ReadMissed } from './missed-changes.ts';
import type { Served } from './served.ts';

export interface ResumeOptions {
  readonly conversations: PersonConversations;
  readonly tell: TellDifference;
  readonly served: Served;
  readonly heads: Pick<Heads, 'read'>;
  readonly readMissed: ReadMissed;
  /** Whether this node hears what is published. */
  readonly isListening: () => boolean;
  /** The answer is out. */
  readonly onResumed: (connection: Connection) => void;
  readonly now: () => number;
}

type Listed = ClientFrameOf<'resume'>['conversations'];

/**
 * Subscribes a socket to all conversations of its person, then reads what it missed: in this order nothing falls between. While
 * conversations or messages cannot be asked it answers `temporary` and the socket stays.
 */
export const createResume =
  (options: ResumeOptions) =>
  async (connection: Connection, frame: ClientFrameOf<'resume'>): Promise<void> => {
    if (connection.isResuming || !options.isListening()) {
      connection.awaitsResumeSince = options.now();
      connection.error(frame.id, { code: 'unavailable', temporary: true, retryAfterMs: 500 });
      return;
    }
    connection.isResuming = true;
    try {
      const findings = await resumed(connection, frame.conversations, options);
      connection.ok(frame.id, fitResume(findings));
      connection.hasResumed = true;
      options.onResumed(connection);
    } catch (error) {
      connection.error(frame.id, temporaryError(error));
    } finally {
      connection.isResuming = false;
      connection.awaitsResumeSince = options.now();
    }
  };

const resumed = async (connection: Connection, listed: Listed, options: ResumeOptions) => {
  const { conversations, served, heads } = options;
  const { person } = connection;
  const difference = await conversations.ensure(person);
  // What this reading found is news to the person's other sockets.
  options.tell(person, difference);
  conversations.subscribe(connection);

  const mine = listed.filter(([c]) => person.memberships.has(c));
  const unread = [...person.memberships.keys()].filter((id) => served.get(id)?.order.position === undefined);
  const headOf = await heads.read([...new Set([...mine.map(([c]) => c), ...unread])]);
  // A later reading may have begun a conversation meanwhile: what is before that place was passed on to nobody.
  const begunAt = new Map(unread.map((c) => [c, served.get(c)?.order.position ?? 0]));
  const headRevOf = (c: string): number => Math.max(headOf.get(c)?.headRev ?? 0, begunAt.get(c) ?? 0);
  const changes = await readChanges(mine, headRevOf, options.readMissed);

  // Access is looked at again: it may have ended while we read.
  return listed.map(([c, rev]) => ({
    c,
    finding: person.memberships.has(c)
      ? findingOf({ c, rev, headRev: headRevOf(c), headSeq: headOf.get(c)?.headSeq ?? 0, page: changes.get(c) })
      : gone,
  }));
};

const gone: ResumeFinding = { kind: 'gone' };

interface Known {
  readonly c: string;
  readonly rev: number;
  readonly headRev: number;
  readonly headSeq: number;
  readonly page: ChangesOf | undefined;
}

const findingOf = ({ c, rev, page, ...head }: Known): ResumeFinding => {
  const headRev = Math.max(head.headRev, page?.headRev ?? 0);
  const headSeq = Math.max(head.headSeq, ...(page?.changes.map(({ seq }) => seq) ?? []));
  if (rev === headRev) {
    return { kind: 'changes', resumed: { c, changes: [], after: rev, to: rev, headRev, headSeq } };
  }
  // Ahead of the head, more than one page, or not read because the answer was full already.
  if (page === undefined || page.to < headRev) return { kind: 'reset', headRev, headSeq };
  return { kind: 'changes', resumed: { c, changes: page.changes, after: rev, to: page.to, headRev, headSeq } };
};

/** Of those that lag by more than a page only the first are read: where messages were changed again and again they fit all the same. */
const farMax = 2;
/** Pages that ended before the head, which cannot be answered with. */
const unfitMax = 3;

/** Reads the changes of what lags, as far as they may fit: a few hundred in one request, and another one only where many were superseded. What is not read is reset. */
const readChanges = async (
  listed: Listed,
  headRevOf: (c: string) => number,
  readMissed: ReadMissed,
): Promise<Map<string, ChangesOf>> => {
  const lagging = mayFit(listed.map(([id, after]) => ({ id, after, gap: headRevOf(id) - after })));
  const pages = new Map<string, ChangesOf>();
  let count = 0;
  let unfit = 0;
  while (lagging.length > 0 && count < limits.resumeChangesMax && unfit < unfitMax) {
    const asks = takePortion(lagging);
    const found = await readMissed(asks);
    for (const ask of asks) {
      const page = found.get(missedKey(ask));
      if (page === undefined) continue;
      pages.set(page.id, page);
      if (page.to < page.headRev) unfit++;
      else count += page.changes.length;
    }
  }
  return pages;
};

const mayFit = (missed: readonly Missed[]): Missed[] => {
  let far = 0;
  return missed.filter(({ gap }) => gap > 0 && (gap <= limits.changesPageMax || far++ < farMax));
};

/** Takes the first ones away that may fill an answer. */
const takePortion = (lagging: Missed[]): Missed[] => {
  const asks: Missed[] = [];
  for (let most = 0; most < limits.resumeChangesMax; ) {
    const next = lagging.shift();
    if (next === undefined) break;
    asks.push(next);
    most += Math.min(next.gap, limits.changesPageMax);
  }
  return asks;
};
