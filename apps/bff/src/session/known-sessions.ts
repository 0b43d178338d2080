import type { Life } from './living-sessions.ts';
import type { Vault } from './secret.ts';
import type { SealedPart } from './session.ts';
import type { LiveSession } from './sessions.ts';

const knownMax = 10_000;
/** How long after it was last seen in Redis a session is believed while Redis is away. */
const trustMs = 60_000;
/** How long what was read of a session may be used for further requests: it bounds how late an end on another instance is seen. */
const recentMs = 250;
/** From then on it is worth reading again: there is time left for the answer. */
const oldMs = 100;

export type KnownSessions = ReturnType<typeof createKnownSessions>;

/**
 * The sessions that this process saw last, at most 10 000; the longest unseen is forgotten first. It saves deriving and opening the same again, and
 * carries signed-in people through a short outage of Redis.
 */
export const createKnownSessions = (now: () => number) => {
  const known = new Map<string, { live: LiveSession; box: string; seenAt: number; secret: string | undefined }>();
  /** The sid of a cookie that was found before: deriving it costs more than all else of a request. */
  const sids = new Map<string, string>();

  const entryOf = (secret: string) => known.get(sids.get(secret) ?? '');
  const forget = (sid: string): void => {
    const secret = known.get(sid)?.secret;
    if (secret !== undefined) sids.delete(secret);
    known.delete(sid);
  };

  return {
    remember(live: LiveSession, box: string): void {
      const secret = known.get(live.sid)?.secret;
      known.delete(live.sid);
      known.set(live.sid, { live, box, seenAt: now(), secret });
      if (known.size <= knownMax) return;
      const [oldest] = known.keys();
      if (oldest !== undefined) forget(oldest);
    },

    /** Whose cookie a known session is. */
    name(secret: string, sid: string): void {
      const entry = known.get(sid);
      if (entry === undefined) return;
      entry.secret = secret;
      sids.set(secret, sid);
    },

    /** The vault that a cookie's secret opens. */
    vaultOf: (secret: string): Vault | undefined => entryOf(secret)?.live.vault,

    /** The session of a cookie's secret where it was read a moment ago, and whether that moment is nearly over. */
    recent(secret: string): { readonly live: LiveSession; readonly isOld: boolean } | undefined {
      const entry = entryOf(secret);
      if (entry === undefined) return undefined;
      const { live, seenAt } = entry;
      const time = now();
      const age = time - seenAt;
      if (age < 0 || age >= recentMs || live.expiresAt <= time) return undefined;
      return { live, isOld: age >= oldMs };
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

    /** Its end as its use here has moved it. */
    prolong({ sid, usedAt, expiresAt }: Life): void {
      const entry = known.get(sid);
      if (entry !== undefined) entry.live = { ...entry.live, usedAt, expiresAt };
    },

    /** A session that was known, where its end has come as it was known then: of its uses at other instances nothing is known here. */
    expired(sid: string): LiveSession | undefined {
      const live = known.get(sid)?.live;
      return live !== undefined && live.expiresAt <= now() ? live : undefined;
    },

    forget,
  };
};
