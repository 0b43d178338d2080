import type { Vault } from './secret.ts';
import type { SealedPart } from './session.ts';
import type { LiveSession } from './sessions.ts';

const knownMax = 10_000;
/** How long after it was last seen in Redis a session is believed while Redis is away. */
const trustMs = 60_000;

/**
 * The sessions that this process saw last, at most 10 000; the longest unseen is forgotten first. It saves opening the same box again, and
 * carries signed-in people through a short outage of Redis.
 */
export const createKnownSessions = (now: () => number) => {
  const known = new Map<string, { live: LiveSession; box: string; seenAt: number }>();
  return {
    remember(live: LiveSession, box: string): void {
      known.delete(live.sid);
      known.set(live.sid, { live, box, seenAt: now() });
      if (known.size <= knownMax) return;
      const [oldest] = known.keys();
      if (oldest !== undefined) known.delete(oldest);
    },

    /** What this very box holds, if it was opened before. */
    opened(sid: string, box: string): SealedPart | undefined {
      const entry = known.get(sid);
      return entry?.box === box ? { tokens: entry.live.session.tokens, me: entry.live.session.me } : undefined;
    },

    /** Whoever has the vault has the cookie's secret: its id cannot be had otherwise. */
    recall(vault: Vault): LiveSession | undefined {
      const entry = known.get(vault.id);
      if (entry === undefined || now() - entry.seenAt > trustMs || entry.live.expiresAt <= now()) return undefined;
      return entry.live;
    },

    forget(sid: string): void {
      known.delete(sid);
    },
  };
};
