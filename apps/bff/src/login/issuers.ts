import type { IssuerClient } from './issuer-client.ts';
import { WrongIssuerError } from './issuer-errors.ts';

/** The issuers that people may sign in at: the main one first. */
export interface Issuers {
  readonly all: readonly [IssuerClient, ...IssuerClient[]];
  /** By its alias; undefined where there is none of that name. */
  named(alias: string): IssuerClient | undefined;
  /** Whether the issuer of a session is still configured: one from before there were several is the main one's. */
  knows(session: OfIssuer): boolean;
  /** Of a session whose issuer is known. */
  of(session: OfIssuer): IssuerClient;
  /** Asks each for its metadata; throws WrongIssuerError where one is not who the settings say. One that is away is asked again later. */
  check(): Promise<void>;
}

interface OfIssuer {
  readonly issuer?: string | undefined;
}

export const createIssuers = (all: readonly [IssuerClient, ...IssuerClient[]]): Issuers => {
  const named = (alias: string) => all.find((one) => one.alias === alias);
  const find = ({ issuer }: OfIssuer) => (issuer === undefined ? all[0] : named(issuer));
  return {
    all,
    named,
    knows: (session) => find(session) !== undefined,
    of(session) {
      const found = find(session);
      if (found === undefined) throw new Error('the issuer of a session is not configured any more');
      return found;
    },
    async check() {
      const outcomes = await Promise.allSettled(all.map((one) => one.metadata()));
      for (const outcome of outcomes) {
        const cause = outcome.status === 'rejected' ? outcome.reason.cause : undefined;
        if (cause instanceof WrongIssuerError) throw cause;
      }
    },
  };
};
