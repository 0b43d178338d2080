import { type MachineScope, type ServiceName, serviceAudience } from '@chatapp/contract/scopes';
import type { Clock } from '@chatapp/resilience/clock';
import { createDestination, defaultOptions, type ResilienceEvent } from '@chatapp/resilience/destination';
import { DeadlineError } from '@chatapp/resilience/errors';
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
  /** By which the lives of tokens are measured, and their renewals begun; default: the machine's, whose timers let a process end. */
  readonly clock?: Pick<Clock, 'now' | 'after'>;
}

/** The calls that one service makes to others: one source of machine tokens, and one destination (breaker, budget, bulkhead) a called service. */
export const createOutbound = (
  options: OutboundOptions,
): {
  /** The tokens of `scopes` are fetched at once, so that an issuer which goes away before the first call is not missed. */
  client(
    service: ServiceName,
    urls: readonly string[] | (() => readonly string[]),
    scopes?: readonly MachineScope[],
  ): ServiceClient;
  /** For what is sent without a client. */
  readonly tokens: MachineTokens;
} => {
  const { issuer, clientId, fetch, log, deadlineMs } = options;
  const onEvent = (event: ResilienceEvent) => {
    if (event.type === 'circuit')
      log.warn({ destination: event.destination, member: event.member, state: event.state }, 'circuit changed');
    // A circuit opens after five of them in a row: where calls are few and wait for each other, that is long after the first.
    else if (event.type === 'retry' && event.error instanceof DeadlineError)
      log.warn({ destination: event.destination, attempt: event.attempt }, 'no answer in time');
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
    clock: options.clock ?? wallClock,
    random: Math.random,
  });
  return {
    tokens,
    client(service, urls, scopes = []) {
      // What fails is tried again beside the calls, and is heard of by those that need it.
      for (const scope of scopes) tokens.get(serviceAudience(service), [scope]).catch(() => undefined);
      const urlsNow = typeof urls === 'function' ? urls : () => urls;
      return createServiceClient({ service, urls: urlsNow, tokens, destination: destination(service), fetch });
    },
  };
};

const wallClock: Pick<Clock, 'now' | 'after'> = {
  now: Date.now,
  after: (ms, work) => {
    const timer = setTimeout(work, ms);
    timer.unref();
    return () => clearTimeout(timer);
  },
};
