import { ProblemError } from '@chatapp/service/problem';
import type { Redis } from 'ioredis';
import type { OpenPart } from './session.ts';

/** A session as Redis holds it: the open part as it is, the rest sealed. */
export interface SessionRecord extends OpenPart {
  readonly v: 1;
  readonly box: string;
}

export interface StoredSession {
  readonly record: SessionRecord;
  readonly leftMs: number;
}

export type SessionStore = ReturnType<typeof createSessionStore>;

const sessionKey = (sid: string) => `session:${sid}`;
const userKey = (userId: string) => `session:user:${userId}`;
const issuerKey = (issuerSid: string) => `session:issuer:${issuerSid}`;
const lockKey = (sid: string) => `lock:refresh:${sid}`;

const unlockScript = "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end return 0";

/** All Redis commands about sessions. A record lives for as long as its session goes on unused, or longer: its own times may end it before. Throws `unavailable` when Redis does not answer. */
export const createSessionStore = (redis: Redis) => ({
  async read(sid: string): Promise<StoredSession | undefined> {
    const [text, leftMs] = await answered(Promise.all([redis.get(sessionKey(sid)), redis.pttl(sessionKey(sid))]));
    const record = parseRecord(text);
    return record && leftMs > 0 ? { record, leftMs } : undefined;
  },

  /** The indexes first: a session that no list shows must not exist. */
  async create(sid: string, record: SessionRecord, lifeMs: number): Promise<void> {
    const keys = [userKey(record.userId), ...(record.issuerSid === null ? [] : [issuerKey(record.issuerSid)])];
    for (const key of keys) {
      // Not everybody took out those that ended by themselves.
      await answered(redis.zremrangebyscore(key, '-inf', record.startedAt));
      await answered(redis.zadd(key, record.endsAt, sid));
      // As long as the longest of them, which need not be the newest: sessions may have been made shorter since.
      await answered(redis.pexpireat(key, record.endsAt, 'NX'));
      await answered(redis.pexpireat(key, record.endsAt, 'GT'));
    }
    await answered(redis.set(sessionKey(sid), JSON.stringify(record), 'PX', lifeMs));
  },

  /** Writes the record again, unless it is gone meanwhile; its life stays as it is. */
  async replace(sid: string, record: SessionRecord): Promise<boolean> {
    return (await answered(redis.set(sessionKey(sid), JSON.stringify(record), 'KEEPTTL', 'XX'))) === 'OK';
  },

  async keep(sid: string, lifeMs: number): Promise<void> {
    await answered(redis.pexpire(sessionKey(sid), lifeMs));
  },

  /** Ends the session; answers what it was, to one caller only. */
  async remove(sid: string): Promise<SessionRecord | undefined> {
    const record = parseRecord(await answered(redis.getdel(sessionKey(sid))));
    if (record === undefined) return undefined;
    // What is left in a list is looked up by who reads it, and found to have ended; the end itself must not get lost for that.
    await redis.zrem(userKey(record.userId), sid).catch(() => undefined);
    if (record.issuerSid !== null) await redis.zrem(issuerKey(record.issuerSid), sid).catch(() => undefined);
    return record;
  },

  /**
   * Takes out what is left of a session that ended by itself: `stored` where its record was seen, else its place in the lists. True for one caller only, and
   * for none where somebody ended it, unless Redis failed in the middle of that. The places go first: who finds no record must not find it listed for that.
   */
  async expire(sid: string, { userId, issuerSid }: OpenPart, { stored }: { stored: boolean }): Promise<boolean> {
    const [unlisted, , removed] = await answered(
      Promise.all([
        redis.zrem(userKey(userId), sid),
        issuerSid === null ? 0 : redis.zrem(issuerKey(issuerSid), sid),
        // One that could not be read may be there for all that.
        stored ? redis.del(sessionKey(sid)) : 0,
      ]),
    );
    return (stored ? removed : unlisted) === 1;
  },

  ofUser: (userId: string, now: number): Promise<string[]> => listed(redis, userKey(userId), now),
  ofIssuerSid: (issuerSid: string, now: number): Promise<string[]> => listed(redis, issuerKey(issuerSid), now),

  /** Takes the lock on a session's record; answers how to give it back, or undefined while somebody else has it. */
  async lock(sid: string, lifeMs: number): Promise<(() => Promise<void>) | undefined> {
    const holder = crypto.randomUUID();
    const taken = await answered(redis.set(lockKey(sid), holder, 'PX', lifeMs, 'NX'));
    if (taken !== 'OK') return undefined;
    return async () => {
      // Only our own lock: it may have run out and be another's. If Redis is away it runs out by itself.
      await redis.eval(unlockScript, 1, lockKey(sid), holder).catch(() => undefined);
    };
  },
});

/** A member whose session ended by itself stays until its last possible moment; callers look each one up. */
const listed = async (redis: Redis, key: string, now: number): Promise<string[]> =>
  await answered(redis.zrangebyscore(key, now, '+inf'));

/** What is not one of our records is none: the person signs in again. */
const parseRecord = (text: string | null): SessionRecord | undefined => {
  try {
    const record = JSON.parse(text ?? 'null') as SessionRecord | null;
    return record?.v === 1 ? record : undefined;
  } catch {
    return undefined;
  }
};

const answered = async <T>(answer: Promise<T>): Promise<T> => {
  try {
    return await answer;
  } catch (cause) {
    throw new ProblemError('unavailable', { retryAfterMs: 1000, detail: 'Sessions cannot be looked up now.', cause });
  }
};
