import type { TicketGrant } from '@chatapp/contract/http-bff';
import { ProblemError } from '@chatapp/service/problem';
import type { Redis } from 'ioredis';

export const ticketMs = 30_000;

export type TicketStore = ReturnType<typeof createTicketStore>;

/** Tickets for the realtime service, which takes each once (GETDEL). */
export const createTicketStore = (redis: Redis) => ({
  async keep(key: string, grant: TicketGrant): Promise<void> {
    await redis.set(key, JSON.stringify(grant), 'PX', ticketMs).catch((cause) => {
      throw new ProblemError('unavailable', { retryAfterMs: 1000, cause });
    });
  },
});
