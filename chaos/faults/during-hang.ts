import type { HistoryEvent } from '../../dev/testing/history.ts';
import type { Judged } from '../judged.ts';
import type { Recorded } from '../pass-figures.ts';

/** Realtime gives a silent Redis up after 2 s and says `unavailable`; the rest is a busy machine. */
const answeredWithinMs = 3000;
/** Then the client goes over HTTP, whose BFF gives it up after 2 s too and goes on with what it knows of the session: two waits, and the saving. */
const silenceMaxMs = 5000;
/** The mark is set a moment before Redis hears of it. */
const beginsWithinMs = 100;

interface Hang {
  readonly what: string;
  readonly from: number;
  readonly to: number;
}

/**
 * What is promised while a part hangs, from each mark to the one that it is over: every command made in it is acknowledged or refused soon, and
 * acknowledgements keep coming.
 */
export const duringHangs = (recorded: Recorded): Judged[] => {
  const answers = Map.groupBy(recorded.events.filter(isAnswer), clientIdOf);
  return hangsOf(recorded).flatMap((hang) => judgeHang(hang, recorded, answers));
};

const judgeHang = (
  { what, from, to }: Hang,
  { events, leniency }: Recorded,
  answers: ReadonlyMap<string, readonly HistoryEvent[]>,
): Judged[] => {
  const made = events.filter(({ k, at }) => (k === 'send' || k === 'change') && at >= from && at < to);
  const waits = made.map((command) => {
    const [first] = answers.get(clientIdOf(command)) ?? [];
    return first === undefined ? null : first.at - command.at;
  });
  const mine = new Set(made.map(clientIdOf));
  const acked = events.filter((event) => isAck(event) && event.at < to && mine.has(clientIdOf(event)));
  const moments = [from, ...acked.map(({ at }) => at).sort((one, other) => one - other), to];
  const gaps = moments.slice(1).map((at, index) => at - (moments[index] ?? at));
  const slowest = waits.includes(null) ? null : Math.max(0, ...waits.map((ms) => ms ?? 0));
  return [
    { invariant: 'I9', what: `${what}: slowest answer, ms`, value: slowest, max: answeredWithinMs * leniency },
    { invariant: 'I7', what: `${what}: acknowledged in it`, value: acked.length, min: 1 },
    { invariant: 'I7', what: `${what}: longest without, ms`, value: Math.max(...gaps), max: silenceMaxMs * leniency },
  ];
};

const hangsOf = ({ marks }: Recorded): Hang[] =>
  marks.flatMap(({ what, at, isOver }, index) => {
    const end = marks[index + 1];
    return isOver || !end?.isOver ? [] : [{ what, from: at + beginsWithinMs, to: end.at }];
  });

const isAck = ({ k }: HistoryEvent): boolean => k === 'ack' || k === 'changed';

/** A word of the server's; that nobody answered is none. */
const isAnswer = (event: HistoryEvent): boolean =>
  isAck(event) || event.k === 'refused' || (event.k === 'error' && event.status > 0 && event.clientId !== undefined);

const clientIdOf = (event: HistoryEvent): string => ('clientId' in event ? (event.clientId ?? '') : '');
