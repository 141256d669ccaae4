/**
 * The results of work that a transaction does side by side, so that its statements are sent together. Waits for all of it
 * also when a part fails, and throws the first failure then: no statement may come after the rollback.
 */
export async function allDone<T extends readonly unknown[]>(
  work: T,
): Promise<{ -readonly [P in keyof T]: Awaited<T[P]> }> {
  await Promise.allSettled(work);
  return await Promise.all(work);
}
