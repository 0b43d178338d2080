import { TicketGrant, ticketKey } from '@chatapp/contract/http-bff';
import type { Clock } from '@chatapp/resilience/clock';
import { answersOf } from '@chatapp/service/redis';
import { compileSchema } from '@chatapp/service/schema';
import type { Redis } from 'ioredis';
import { createGather } from '../gather.ts';

/** Takes a ticket: what it grants, once; undefined where there is none (any more). Rejects when Redis does not answer. */
export type TakeTicket = (ticket: string) => Promise<TicketGrant | undefined>;

const grants = compileSchema(TicketGrant);

/** What is no grant grants nothing, and is nobody else's trouble. */
const grantOf = (text: string | null): TicketGrant | undefined => {
  try {
    const grant: unknown = JSON.parse(text ?? 'null');
    return grants.check(grant) ? grant : undefined;
  } catch {
    return undefined;
  }
};

/** When many come at once: a write to Redis costs more than the handful of tickets in it. */
const paceMs = 10;

/** Those of many handshakes with one write to Redis. */
export const createTakeTicket = (redis: Redis, clock: Clock): TakeTicket => {
  let lastAsk = 0;
  const gather = createGather({
    // Each ask is one of its own: of two with the same ticket one gets the grant.
    keyOf: ({ ask }: { ask: number; ticket: string }) => String(ask),
    async fetch(asks) {
      const pipeline = redis.pipeline();
      for (const { ticket } of asks) pipeline.getdel(ticketKey(ticket));
      const texts = await answersOf<string | null>(pipeline);
      return new Map(asks.map(({ ask }, place) => [ask, grantOf(texts[place] ?? null)]));
    },
    clock,
    paceMs,
  });
  return async (ticket) => {
    const ask = lastAsk++;
    return (await gather([{ ask, ticket }])).get(ask);
  };
};
