import { and, eq, sql } from 'drizzle-orm';
import type { Queryable } from '../database.ts';
import { leases } from '../tables.ts';

/** Times by the database's clock: instances' own may differ. */
const until = (leaseMs: number) => sql`now() + make_interval(secs => ${leaseMs / 1000})`;

/** Takes or renews a lease. False where another instance holds it. */
export const takeLease = async (
  db: Queryable,
  { name, owner, leaseMs }: { name: string; owner: string; leaseMs: number },
): Promise<boolean> => {
  const taken = await db
    .insert(leases)
    .values({ name, owner, expiresAt: until(leaseMs) as unknown as Date })
    .onConflictDoUpdate({
      target: leases.name,
      set: { owner, expiresAt: until(leaseMs) },
      setWhere: sql`${leases.owner} = ${owner} OR ${leases.expiresAt} < now()`,
    })
    .returning({ name: leases.name });
  return taken.length > 0;
};

/** Lets the next instance begin at once. */
export const giveUpLease = async (db: Queryable, { name, owner }: { name: string; owner: string }): Promise<void> => {
  await db
    .update(leases)
    .set({ expiresAt: sql`now() - interval '1 second'` })
    .where(and(eq(leases.name, name), eq(leases.owner, owner)));
};

/** How far the work of a lease got; null before its first step. */
export const readPlace = async (db: Queryable, name: string): Promise<string | null> => {
  const rows = await db.select({ place: leases.place }).from(leases).where(eq(leases.name, name));
  return rows[0]?.place ?? null;
};

export const savePlace = async (db: Queryable, name: string, place: string): Promise<void> => {
  await db.update(leases).set({ place }).where(eq(leases.name, name));
};
