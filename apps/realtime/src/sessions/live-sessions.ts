import { LiveSessions } from '@chatapp/contract/http-bff';
import type { ServiceClient } from '@chatapp/service/service-client';

/** Of the asked sessions those that live, with their ends (wall clock, ms). */
export type ReadLiveSessions = (sids: readonly string[]) => Promise<Map<string, number>>;

const chunkMax = 250;

export const createReadLiveSessions =
  (client: ServiceClient): ReadLiveSessions =>
  async (sids) => {
    const live = new Map<string, number>();
    for (let start = 0; start < sids.length; start += chunkMax) {
      const { items } = await client({
        method: 'POST',
        path: '/internal/sessions',
        scope: 'bff:sessions.read',
        body: { sids: sids.slice(start, start + chunkMax) },
        answer: LiveSessions,
        idempotent: true,
        deadlineMs: 3000,
      });
      for (const { sid, expiresAt } of items) live.set(sid, Date.parse(expiresAt));
    }
    return live;
  };
