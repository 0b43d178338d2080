import type { Database } from 'bun:sqlite';
import { type Adapter, type AdapterPayload, errors } from 'oidc-provider';

/** How long an expired row stays, in seconds: the provider forgives clocks that differ by a few. */
const graceSeconds = 60;

/** Sessions, grants, codes and tokens of the issuer, kept over restarts. */
export type TokenStore = {
  /** The provider's storage of one of its models. */
  adapter(model: string): Adapter;
  /** Deletes what has expired; answers how many rows that were. */
  sweep(): number;
};

/** Keeps the provider's models in one table; `nowSeconds` is the clock. */
export function createTokenStore(database: Database, nowSeconds: () => number): TokenStore {
  database.run(`CREATE TABLE IF NOT EXISTS entries (
    model TEXT NOT NULL, id TEXT NOT NULL, payload TEXT NOT NULL, grant_id TEXT, uid TEXT, expires_at INTEGER,
    PRIMARY KEY (model, id)) WITHOUT ROWID`);
  database.run('CREATE INDEX IF NOT EXISTS entries_by_grant ON entries (grant_id) WHERE grant_id IS NOT NULL');
  database.run('CREATE INDEX IF NOT EXISTS entries_by_uid ON entries (model, uid) WHERE uid IS NOT NULL');
  database.run('CREATE INDEX IF NOT EXISTS entries_by_expiry ON entries (expires_at)');
  return {
    adapter: (model) => modelStore(database, model, nowSeconds),
    sweep: () => database.query('DELETE FROM entries WHERE expires_at < ?').run(nowSeconds() - graceSeconds).changes,
  };
}

function modelStore(database: Database, model: string, nowSeconds: () => number): Adapter {
  const select = database.query<{ payload: string }, [string, string]>(
    'SELECT payload FROM entries WHERE model = ? AND id = ?',
  );
  const selectByUid = database.query<{ payload: string }, [string, string]>(
    'SELECT payload FROM entries WHERE model = ? AND uid = ?',
  );
  return {
    async upsert(id, payload, expiresIn) {
      database
        .query(
          'INSERT OR REPLACE INTO entries (model, id, payload, grant_id, uid, expires_at) VALUES (?, ?, ?, ?, ?, ?)',
        )
        .run(model, id, JSON.stringify(payload), payload.grantId ?? null, payload.uid ?? null, expiry(expiresIn));
    },
    find: async (id) => parsed(select.get(model, id)),
    findByUid: async (uid) => parsed(selectByUid.get(model, uid)),
    // Only the device flow has user codes, and it is switched off.
    findByUserCode: async () => undefined,
    async consume(id) {
      const { changes } = database
        .query(`UPDATE entries SET payload = json_set(payload, '$.consumed', ?)
          WHERE model = ? AND id = ? AND json_extract(payload, '$.consumed') IS NULL`)
        .run(nowSeconds(), model, id);
      // The provider looks first and consumes later: of two requests that saw the same unused token one wins here.
      if (changes === 0) throw new errors.InvalidGrant('already used');
    },
    async destroy(id) {
      database.query('DELETE FROM entries WHERE model = ? AND id = ?').run(model, id);
    },
    async revokeByGrantId(grantId) {
      // Of this model only: a sign-in that is under way names the grant too, and must survive the logout of who was there before.
      database.query('DELETE FROM entries WHERE grant_id = ? AND model = ?').run(grantId, model);
    },
  };

  function expiry(expiresIn: number | undefined): number | null {
    return expiresIn === undefined ? null : nowSeconds() + expiresIn;
  }
}

function parsed(row: { payload: string } | null): AdapterPayload | undefined {
  return row ? (JSON.parse(row.payload) as AdapterPayload) : undefined;
}
