import type { ClientHistory, EventOf, Evidence, Row, Violation } from './evidence.ts';
import { violation } from './stored.ts';

type Seen = EventOf<'seen'>;
type Repeat = EventOf<'repeat'>;

/** What one client made of one conversation. */
interface View {
  /** The last state of each seq that it took in. */
  readonly bySeq: Map<number, Seen>;
  readonly seqById: Map<string, Seen>;
  joined: boolean;
  /** When pushes last came to it before it asked to leave: what was acknowledged before must have come too. */
  pushedBeforeLeavingAt: number;
  leftAt: number | undefined;
}

export interface SeenOptions {
  /** How long before leaving a push may be under way that never comes, ms. */
  readonly afterLeavingMs: number;
  /** How long after leaving something may still arrive, ms. */
  readonly leavingSlackMs: number;
}

/**
 * I3, I4 and I5, at every client: what it shows at a seq is what the database has there, so all see one order; a member who is
 * online at the end has shown every seq, each state once; who left has shown what was there before; nobody who went has a hole before
 * the last that they saw; nobody sees a conversation that is not theirs. Who was cut and never resumed breaks I7 instead.
 */
export const shownOnce = (evidence: Evidence, options: SeenOptions): Violation[] =>
  evidence.clients.flatMap((client) => judgeClient(client, evidence, options));

const judgeClient = (client: ClientHistory, evidence: Evidence, options: SeenOptions): Violation[] => {
  const views = new Map<string, View>();
  const found: Violation[] = [];
  let signedOut = false;
  let away: ClientHistory['events'][number] | undefined;
  let pushedAt = 0;
  for (const event of client.events) {
    if (event.k === 'signed-out') signedOut = true;
    if (event.k === 'signed-in') signedOut = false;
    if (event.k === 'closed' || event.k === 'connected') away ??= event;
    if (event.k === 'resumed') away = undefined;
    if (event.k === 'joined') viewOf(views, event.c).joined = true;
    if (event.k === 'leaves') viewOf(views, event.c).pushedBeforeLeavingAt = pushedAt;
    if (event.k === 'left') viewOf(views, event.c).leftAt = event.at;
    if (event.k === 'reset') forget(viewOf(views, event.c));
    if (event.k === 'seen' && event.via === 'push') pushedAt = event.at;
    if (event.k === 'repeat') found.push(...drop(event, viewOf(views, event.c), evidence, options));
    if (event.k === 'seen') found.push(...take(event, viewOf(views, event.c), evidence, options));
  }
  // It knows that it has not got everything: late, but no silent hole.
  const isGone = signedOut || away !== undefined;
  if (away && !signedOut) found.push(...violation('I7', `${client.who} never came back`, away));
  for (const [c, view] of views) {
    const rows = evidence.rowsByConversation.get(c) ?? [];
    if (view.leftAt !== undefined) found.push(...holes(client, c, rows, view, dueToLeaver(c, view, evidence, options)));
    else if (isGone) found.push(...holes(client, c, rows, view, 0));
    else found.push(...missing(client, c, view, rows));
  }
  return found;
};

const take = (seen: Seen, view: View, { rowsBySeq }: Evidence, options: SeenOptions): Violation[] => {
  const foreign = foreignness(seen, view, options);
  if (foreign) return violation('I5', foreign, seen);
  const row = rowsBySeq.get(seen.c)?.get(seen.seq);
  const known = view.bySeq.get(seen.seq);
  const twin = view.seqById.get(seen.id);
  view.bySeq.set(seen.seq, seen);
  view.seqById.set(seen.id, seen);
  if (known && known.id === seen.id && known.rev >= seen.rev)
    return violation('I4', 'shown twice, or an old state over a newer one', known, seen);
  if (twin && twin.seq !== seen.seq) return violation('I4', 'one message shown at two places', twin, seen);
  if (!row) return violation('I3', 'shown, but not in the database', seen);
  if (row.id !== seen.id || row.clientId !== seen.clientId)
    return violation('I3', 'another message than the database has at this seq', seen, row);
  return [];
};

/** What a client dropped came to it all the same: it has to be theirs, and the message that is there. */
const drop = (repeat: Repeat, view: View, { rowsBySeq }: Evidence, options: SeenOptions): Violation[] => {
  const foreign = foreignness(repeat, view, options);
  if (foreign) return violation('I5', foreign, repeat);
  const row = rowsBySeq.get(repeat.c)?.get(repeat.seq);
  if (row?.id === repeat.id) return [];
  return violation('I3', 'repeated another message than the database has at this seq', repeat, row);
};

const foreignness = (seen: Seen | Repeat, view: View, { leavingSlackMs }: SeenOptions): string | undefined => {
  if (!view.joined) return 'seen by somebody who is no member';
  if (view.leftAt !== undefined && seen.at > view.leftAt + leavingSlackMs) return 'seen after leaving';
  if (seen.k === 'seen' && seen.canary !== undefined && seen.canary !== '' && !seen.c.startsWith(seen.canary))
    return 'text of another conversation';
  return undefined;
};

/** The last seq that was acknowledged long enough before somebody left: it was theirs, too. */
const dueToLeaver = (
  c: string,
  view: View,
  { acksByConversation }: Evidence,
  { afterLeavingMs }: SeenOptions,
): number =>
  (acksByConversation.get(c) ?? []).reduce(
    (last, { at, seq }) => (at + afterLeavingMs <= view.pushedBeforeLeavingAt ? Math.max(last, seq) : last),
    0,
  );

/** What is not there up to the last seq that was seen, or was due. */
const holes = ({ who }: ClientHistory, c: string, rows: readonly Row[], view: View, dueSeq: number): Violation[] => {
  if (!view.joined) return [];
  const last = Math.max(dueSeq, ...view.bySeq.keys());
  const unseen = rows.filter(({ seq }) => seq <= last && !view.bySeq.has(seq));
  if (unseen.length === 0) return [];
  return violation('I4', `${who} went, and never saw ${unseen.length} earlier messages of ${c}`, ...unseen.slice(0, 3));
};

const missing = ({ who }: ClientHistory, c: string, view: View, rows: readonly Row[]): Violation[] => {
  if (!view.joined) return [];
  const unseen = rows.filter(({ seq }) => !view.bySeq.has(seq));
  const stale = rows.filter(({ seq, rev }) => rev > (view.bySeq.get(seq)?.rev ?? rev));
  return [
    ...(unseen.length > 0
      ? violation('I4', `${who} never saw ${unseen.length} of ${rows.length} messages of ${c}`, ...unseen.slice(0, 3))
      : []),
    ...(stale.length > 0
      ? violation('I4', `${who} shows an old state of ${stale.length} messages of ${c}`, ...stale.slice(0, 3))
      : []),
  ];
};

const viewOf = (views: Map<string, View>, c: string): View => {
  const known = views.get(c);
  if (known) return known;
  const view: View = {
    ...{ bySeq: new Map(), seqById: new Map(), joined: false, pushedBeforeLeavingAt: 0, leftAt: undefined },
  };
  views.set(c, view);
  return view;
};

const forget = (view: View): void => {
  view.bySeq.clear();
  view.seqById.clear();
};
