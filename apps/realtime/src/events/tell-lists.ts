import type { Clock } from '@chatapp/resilience/clock';
import { inTurn } from '@chatapp/resilience/in-turn';
import type { Connection } from '../connection/connection.ts';
import type { People } from '../connection/people.ts';
import { listsPush } from './pushes.ts';

/** Each answers with several requests: ten thousand at once would be a wave of them over all services. */
const spread = { pauseMs: 1, withinMs: 10_000 };

/** Tells every socket that has resumed to fetch its lists. Asked again meanwhile, it tells those once more that had their turn. */
export const createTellLists = (people: People, clock: Clock): (() => void) => {
  const waiting = new Set<Connection>();
  let isTelling = false;

  const tell = (connection: Connection): void => {
    waiting.delete(connection);
    if (connection.isOpen) connection.send(listsPush);
  };

  const tellWaiting = async (): Promise<void> => {
    isTelling = true;
    while (waiting.size > 0) await inTurn([...waiting], tell, { clock, ...spread });
    isTelling = false;
  };

  return () => {
    for (const connection of people.connections()) if (connection.isSubscribed) waiting.add(connection);
    if (!isTelling) void tellWaiting();
  };
};
