/** What a runner or one of its managers is doing, as far as its calls tell (runner-api 1, *Status*). */
export type RunnerStatus = 'online' | 'offline' | 'stale' | 'never_contacted';

/** Silent for longer than this, milliseconds: offline. Contacts may be written an hour late, so it is two. */
export const ONLINE_FOR = 2 * 3_600_000;
/** Silent for this long, milliseconds: stale. */
export const STALE_AFTER = 7 * 24 * 3_600_000;

/** Pure; the order of the questions is the contract's. A manager's creation is finished by any call of its. */
export function runnerStatus(
  runner: { createdAt: number; contactedAt: number | null; creationFinished: boolean },
  now: number,
): RunnerStatus {
  const { createdAt, contactedAt, creationFinished } = runner;
  if (Math.max(createdAt, contactedAt ?? 0) <= now - STALE_AFTER) return 'stale';
  if (!creationFinished || contactedAt === null) return 'never_contacted';
  return contactedAt > now - ONLINE_FOR ? 'online' : 'offline';
}
