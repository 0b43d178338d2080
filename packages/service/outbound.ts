import type { ServiceName } from '@chatapp/contract/scopes';
import { createDestination, defaultOptions, type ResilienceEvent } from '@chatapp/resilience/destination';
import { clientKeyFile, clientSecretFile } from './client-key.ts';
import { discoverIssuer } from './issuer.ts';
import type { Log } from './log.ts';
import { createMachineTokens, type MachineTokens } from './machine-token.ts';
import { createServiceClient, type ServiceClient } from './service-client.ts';

export interface OutboundOptions {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientKeyFile?: string | undefined;
  /** In place of the key. */
  readonly clientSecretFile?: string | undefined;
  readonly deadlineMs: number;
  readonly fetch: typeof fetch;
  readonly log: Log;
  /** By which the life of tokens is measured; default: the machine's clock. */
  readonly now?: () => number;
}

/** The calls that one service makes to others: one source of machine tokens, and one destination (breaker, budget, bulkhead) a called service. */
export const createOutbound = (
  options: OutboundOptions,
): {
  client(service: ServiceName, urls: readonly string[]): ServiceClient;
  /** For what is sent without a client. */
  readonly tokens: MachineTokens;
} => {
  const { issuer, clientId, fetch, log, deadlineMs } = options;
  const onEvent = (event: ResilienceEvent) => {
    if (event.type === 'circuit')
      log.warn({ destination: event.destination, member: event.member, state: event.state }, 'circuit changed');
    else log.debug({ event }, 'resilience');
  };
  const destination = (name: string) => createDestination({ ...defaultOptions, name, deadlineMs, onEvent });
  const tokens = createMachineTokens({
    clientId,
    clientKey: options.clientKeyFile === undefined ? undefined : clientKeyFile(options.clientKeyFile),
    clientSecret: options.clientSecretFile === undefined ? undefined : clientSecretFile(options.clientSecretFile),
    discover: discoverIssuer({ issuer, fetch }),
    destination: destination('issuer'),
    fetch,
    now: options.now ?? Date.now,
  });
  return {
    tokens,
    client: (service, urls) => createServiceClient({ service, urls, tokens, destination: destination(service), fetch }),
  };
};
