import { type Clock, systemClock } from '@chatapp/resilience/clock';
import type { Log } from '@chatapp/service/log';
import { ProblemError } from '@chatapp/service/problem';
import { sessionName } from '../audit/audit.ts';
import { createKnownSessions } from './known-sessions.ts';
import { createLivingSessions, type Life } from './living-sessions.ts';
import { createNoteExpired } from './note-expired.ts';
import { createReadAhead } from './read-ahead.ts';
import { newSecret, type Vault, vaultOf } from './secret.ts';
import {
  type EndReason,
  endOf,
  isWorthNoting,
  type Lifetimes,
  type OpenPart,
  type SealedPart,
  type Session,
  type SessionEnd,
} from './session.ts';
import type { SessionRecord, SessionStore } from './session-store.ts';
import { createTellEnd, type SessionEnded } from './tell-end.ts';

/** A session that was found by its cookie. */
export interface LiveSession extends Life {
  readonly vault: Vault;
  readonly session: Session;
}

export interface SessionsOptions {
  readonly store: SessionStore;
  readonly lifetimes: Lifetimes;
  /** Whether this instance knows who vouches for the person: an issuer can be taken out of the settings. Where it does not, the session is none here. */
  readonly isVouchedFor: (session: OpenPart) => boolean;
  /** Closes a session's sockets that this process relays. */
  readonly closeSockets: (sid: string) => void;
  /** Tells every service that a session ended. */
  readonly publish: (event: SessionEnded) => Promise<unknown>;
  /** Told of each end at once, by whomever; of one that came by itself when it is met. */
  readonly onEnd: (end: SessionEnd, request?: Request) => void;
  readonly now: () => number;
  readonly log: Log;
  readonly clock?: Clock;
}

export interface FindOptions {
  readonly slide?: boolean;
  /** Whose it must be: somebody else's is none, and stays as it is. */
  readonly userId?: string | undefined;
}

export type Sessions = ReturnType<typeof createSessions>;

/** Longer than a refresh may take (5 s), so that the lock is still held when it writes. */
const lockMs = 10_000;
const lockWaitMaxMs = 9000;
const lockPollMs = 30;
/** A Redis that hangs costs a request two seconds; for this time after it known sessions do not ask it again. */
const awayMs = 1000;

/** Sessions: begun, found by their cookie, changed, listed, ended. Each throws `unavailable` while Redis does not answer. */
export const createSessions = (options: SessionsOptions) => {
  const { store, lifetimes, now, log, clock = systemClock } = options;
  const known = createKnownSessions(now);
  const living = createLivingSessions({ ...options, onOver: createNoteExpired({ ...options, known }) });
  const tellEnd = createTellEnd({ ...options, clock });
  let awayUntil = 0;

  /** Reads a session afresh; undefined when it has ended. */
  const read = async (vault: Vault): Promise<LiveSession | undefined> => {
    const sid = vault.id;
    const listed = await living.find(sid);
    if (listed === undefined) {
      known.forget(sid);
      return undefined;
    }
    const { record, ...life } = listed;
    const { v: _v, box, ...open } = record;
    if (!options.isVouchedFor(open)) {
      // Others may know the issuer: while one is being added, or where it was forgotten here.
      log.warn({ session: sessionName(sid), issuer: open.issuer }, 'the issuer of a session is not configured here');
      return undefined;
    }
    const sealed = known.opened(sid, box) ?? (await unsealed(vault, box));
    if (sealed === undefined) {
      known.forget(sid);
      return undefined;
    }
    const live = { ...life, vault, session: { ...open, ...sealed } };
    known.remember(live, box);
    return live;
  };

  /** Undefined where the cookie's key does not open it: whatever is there is not this person's session. */
  const unsealed = async (vault: Vault, box: string): Promise<SealedPart | undefined> => {
    try {
      return (await vault.open(box)) as SealedPart;
    } catch (error) {
      log.error({ error, session: sessionName(vault.id) }, 'the record of a session is corrupt');
      return undefined;
    }
  };

  const readAhead = createReadAhead({
    clock,
    read: async (vault) => {
      const live = await read(vault);
      if (live !== undefined) await prolonged(live);
    },
  });

  const write = async (live: LiveSession, session: Session): Promise<boolean> =>
    await store.replace(live.sid, await recordOf(live.vault, session));

  /** Ends a session and tells everybody, a moment later where its browser signed in again; false when it had ended already. `request`: by whose doing, where it is somebody's. */
  const end = async (sid: string, reason: EndReason, request?: Request): Promise<boolean> => {
    known.forget(sid);
    const record = await store.remove(sid);
    // Again: a request that read it before may have come back meanwhile.
    known.forget(sid);
    if (record === undefined) return false;
    options.onEnd({ sid, userId: record.userId, reason }, request);
    await tellEnd({ sid, userId: record.userId, reason });
    return true;
  };

  return {
    lifetimes,
    read,
    end,

    /** Begins a session with a fresh secret, which is for the cookie and kept nowhere else. */
    async begin(session: Omit<Session, 'startedAt' | 'endsAt'>): Promise<{ secret: string; live: LiveSession }> {
      const secret = newSecret();
      const vault = await vaultOf(secret, 'session');
      if (vault === undefined) throw new Error('a new secret is not valid');
      const startedAt = now();
      const begun: Session = { ...session, startedAt, endsAt: startedAt + lifetimes.absoluteMs };
      await store.create(vault.id, await recordOf(vault, begun), lifetimes.idleMs);
      const expiresAt = endOf(begun, startedAt, lifetimes);
      return { secret, live: { sid: vault.id, vault, session: begun, usedAt: startedAt, expiresAt } };
    },

    /**
     * The session of a cookie where it was read within the last quarter of a second, which this use prolongs unless `slide` is false. For who cannot wait for
     * Redis with each request.
     */
    recent(secret: string | undefined, { slide = true, userId }: FindOptions = {}): LiveSession | undefined {
      const found = secret === undefined ? undefined : known.recent(secret);
      if (found === undefined || found.live.session.userId !== (userId ?? found.live.session.userId)) return undefined;
      if (slide && found.isOld) readAhead(found.live.vault);
      return found.live;
    },

    /**
     * The session of a cookie, prolonged by its use unless `slide` is false. While Redis is away, one that was seen within the last minute goes
     * on: no longer, because its end elsewhere could not be heard of.
     */
    async find(
      secret: string | undefined,
      { slide = true, userId }: FindOptions = {},
    ): Promise<LiveSession | undefined> {
      if (secret === undefined) return undefined;
      const { live, isRead } = await lookUp(secret);
      if (live === undefined || live.session.userId !== (userId ?? live.session.userId)) return undefined;
      return slide && isRead ? await prolonged(live) : live;
    },

    /**
     * Changes a session's sealed part, one at a time over all instances: `change` gets the present state and answers the new one. Undefined
     * when the session has ended, before or meanwhile.
     */
    async change(live: LiveSession, change: (present: Session) => Promise<Session>): Promise<LiveSession | undefined> {
      return await locked(live.sid, async () => {
        const present = await read(live.vault);
        if (present === undefined) return undefined;
        const session = await change(present.session);
        if (session === present.session) return present;
        if (!(await write(present, session))) return undefined;
        return { ...present, session };
      });
    },

    /** The live sessions of a person, newest first. */
    async ofUser(userId: string) {
      const mine = await living.findAll(await store.ofUser(userId, now()));
      return mine.sort((one, other) => other.record.startedAt - one.record.startedAt);
    },

    /** Signs a person out everywhere but here. */
    async endOthers({ sid: here, session }: LiveSession, request: Request): Promise<void> {
      for (const sid of await store.ofUser(session.userId, now())) {
        if (sid !== here) await end(sid, 'ended-elsewhere', request);
      }
    },

    /** The live sessions that came of one session at an issuer. */
    ofIssuerSid: async (issuerSid: string) => await living.findAll(await store.ofIssuerSid(issuerSid, now())),

    /** Of these sessions those that live. */
    alive: living.findAll,
  };

  /** `isRead`: just now, and not remembered. */
  async function lookUp(secret: string): Promise<{ live: LiveSession | undefined; isRead: boolean }> {
    const vault = known.vaultOf(secret) ?? (await vaultOf(secret, 'session'));
    if (vault === undefined) return { live: undefined, isRead: false };
    const remembered = now() < awayUntil ? known.recall(vault) : undefined;
    if (remembered !== undefined) return { live: remembered, isRead: false };
    try {
      const live = await read(vault);
      if (live !== undefined) known.name(secret, live.sid);
      return { live, isRead: true };
    } catch (error) {
      if (!(error instanceof ProblemError && error.code === 'unavailable')) throw error;
      awayUntil = now() + awayMs;
      const seen = known.recall(vault);
      if (seen === undefined) throw error;
      return { live: seen, isRead: false };
    }
  }

  async function prolonged(live: LiveSession): Promise<LiveSession> {
    const usedAt = now();
    if (!isWorthNoting(live.usedAt, usedAt, lifetimes) || !(await living.noteUse(live.sid))) return live;
    const later = { ...live, usedAt, expiresAt: endOf(live.session, usedAt, lifetimes) };
    known.prolong(later);
    return later;
  }

  async function locked<T>(sid: string, work: () => Promise<T>): Promise<T> {
    const giveUpAt = clock.now() + lockWaitMaxMs;
    let unlock = await store.lock(sid, lockMs);
    while (unlock === undefined) {
      if (clock.now() > giveUpAt) throw new ProblemError('unavailable', { retryAfterMs: 1000 });
      await clock.sleep(lockPollMs);
      unlock = await store.lock(sid, lockMs);
    }
    try {
      return await work();
    } finally {
      await unlock();
    }
  }
};

const recordOf = async (vault: Vault, session: Session): Promise<SessionRecord> => {
  const { tokens, me, ...open } = session;
  return { v: 1, ...open, box: await vault.seal({ tokens, me } satisfies SealedPart) };
};
