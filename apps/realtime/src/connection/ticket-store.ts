import { TicketGrant, ticketKey } from '@chatapp/contract/http-bff';
import { compileSchema } from '@chatapp/service/schema';
import type { Redis } from 'ioredis';

const grants = compileSchema(TicketGrant);

/** Takes a ticket: what it grants, once; undefined where there is none (any more). Rejects when Redis does not answer. */
export const takeTicket = async (redis: Redis, ticket: string): Promise<TicketGrant | undefined> => {
  const text = await redis.getdel(await ticketKey(ticket));
  if (text === null) return undefined;
  const grant: unknown = JSON.parse(text);
  return grants.check(grant) ? grant : undefined;
};
