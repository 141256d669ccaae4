import type { Tx } from '../db/transaction.ts';

/**
 * Claims a duty that was last run before `dueBefore` and that nobody holds; false when it is not due, or somebody else's.
 * Milliseconds.
 */
export async function claimDuty(
  tx: Tx,
  name: string,
  { now, dueBefore, until }: { now: number; dueBefore: number; until: number },
): Promise<boolean> {
  await tx.sql
    .insertInto('duties')
    .values({ name, last_run_at: 0, claimed_until: 0 })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  const { numUpdatedRows } = await tx.sql
    .updateTable('duties')
    .set({ last_run_at: now, claimed_until: until })
    .where('name', '=', name)
    .where('last_run_at', '<=', dueBefore)
    .where('claimed_until', '<=', now)
    .executeTakeFirstOrThrow();
  return numUpdatedRows === 1n;
}

/** Gives the claim back that ends at `until`, when the round is over; one that another process took since stays. */
export async function releaseDuty(tx: Tx, name: string, until: number): Promise<void> {
  await tx.sql
    .updateTable('duties')
    .set({ claimed_until: 0 })
    .where('name', '=', name)
    .where('claimed_until', '=', until)
    .execute();
}
