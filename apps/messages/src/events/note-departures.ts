import type { BusEvent } from '@chatapp/contract/events';
import { withDatabaseRetry } from '@chatapp/service/database';
import { blamesData } from '@chatapp/service/database-problem';
import type { Sql } from 'postgres';
import type { Unsavable } from '../commands/read-entry.ts';
import { reasonOf } from '../commands/split-batch.ts';
import { noteDeparture } from './departure-store.ts';
import { departureOf } from './note.ts';

/** Notes the accounts that events say are gone, each by itself; answers those that the database refuses because of what is in them. */
export const noteDepartures = async (sql: Sql, events: readonly BusEvent[], heardAt: number): Promise<Unsavable[]> => {
  const refused: Unsavable[] = [];
  for (const event of events) {
    const departure = departureOf(event, heardAt);
    if (departure === undefined) continue;
    try {
      await withDatabaseRetry(() => noteDeparture(sql, departure));
    } catch (error) {
      if (!blamesData(error)) throw error;
      refused.push({ id: event.id, reason: reasonOf(error), payload: JSON.stringify(event) });
    }
  }
  return refused;
};
