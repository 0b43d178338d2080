import type { ClientHistory, Evidence, Violation } from './evidence.ts';
import { violation } from './stored.ts';

export interface SessionOptions {
  /** How long after a session's end something may still arrive, ms. */
  readonly sessionSlackMs: number;
  /** Whether the fault takes sessions away: then people sign in again, and nobody is wronged. */
  readonly sessionsMayEnd: boolean;
}

/** I9: nobody is told that they are signed out who never asked for it. */
export const sessionsSurvive = ({ clients }: Evidence, { sessionsMayEnd }: SessionOptions): Violation[] =>
  sessionsMayEnd ? [] : clients.flatMap(unasked);

const unasked = ({ who, events }: ClientHistory): Violation[] => {
  let isAsked = false;
  return events.flatMap((event) => {
    if (event.k === 'signs-out') isAsked = true;
    if (event.k === 'signed-in') isAsked = false;
    return event.k === 'signed-out' && !isAsked ? violation('I9', `${who} lost a session that lives`, event) : [];
  });
};

/** I6: after a session's end and `slackMs` nothing of it is accepted or delivered. */
export const silentAfterSession = ({ clients }: Evidence, { sessionSlackMs }: SessionOptions): Violation[] =>
  clients.flatMap((client) => judge(client, sessionSlackMs));

const judge = ({ events }: ClientHistory, slackMs: number): Violation[] => {
  const found: Violation[] = [];
  let ended: { at: number } | undefined;
  for (const event of events) {
    if (event.k === 'signed-out') ended ??= event;
    else if (event.k === 'signed-in') ended = undefined;
    else if (
      ended &&
      event.at > ended.at + slackMs &&
      (event.k === 'ack' || event.k === 'seen' || event.k === 'repeat' || event.k === 'resumed')
    )
      found.push(...violation('I6', `${event.k} ${event.at - ended.at} ms after the session's end`, ended, event));
  }
  return found;
};
