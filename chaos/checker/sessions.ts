import type { ClientHistory, Evidence, Violation } from './evidence.ts';
import { violation } from './stored.ts';

/** I6: after a session's end and `slackMs` nothing of it is accepted or delivered. */
export const silentAfterSession = ({ clients }: Evidence, slackMs: number): Violation[] =>
  clients.flatMap((client) => judge(client, slackMs));

const judge = ({ events }: ClientHistory, slackMs: number): Violation[] => {
  const found: Violation[] = [];
  let ended: { at: number } | undefined;
  for (const event of events) {
    if (event.k === 'signed-out') ended = event;
    else if (event.k === 'signed-in') ended = undefined;
    else if (
      ended &&
      event.at > ended.at + slackMs &&
      (event.k === 'ack' || event.k === 'seen' || event.k === 'resumed')
    )
      found.push(...violation('I6', `${event.k} ${event.at - ended.at} ms after the session's end`, ended, event));
  }
  return found;
};
