import type { Tokens } from './session.ts';

const keptMax = 1000;
const keptMs = 600_000;

/**
 * Tokens that the issuer gave for a session and Redis did not take. The issuer takes each refresh token once, so without them the session is lost. At most
 * 1000, each for ten minutes; the oldest is forgotten first, and all with the process.
 */
export const createUnsavedTokens = (now: () => number) => {
  const kept = new Map<string, { readonly former: string; readonly tokens: Tokens; readonly until: number }>();
  return {
    /** `former`: the access token whose place they take. */
    keep(sid: string, former: string, tokens: Tokens): void {
      kept.delete(sid);
      kept.set(sid, { former, tokens, until: now() + keptMs });
      const [oldest] = kept.keys();
      if (kept.size > keptMax && oldest !== undefined) kept.delete(oldest);
    },

    /** The tokens to take the place of those that Redis has. */
    successorOf(sid: string, former: string): Tokens | undefined {
      const found = kept.get(sid);
      return found?.former === former && now() < found.until ? found.tokens : undefined;
    },

    forget: (sid: string): void => void kept.delete(sid),
  };
};
