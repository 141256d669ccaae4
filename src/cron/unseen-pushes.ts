import { type PushDeps, recoverPushes } from '../git/push.ts';

/** A push by another process may be under way for as long; when it takes longer, whoever settles it first wins. */
const MIN_AGE_MS = 60 * 1000;

/**
 * Completes pushes whose process was killed between the refs and the pipelines. At the start of a server that is alone
 * with its database, call it with `alone`: then every note is a leftover. Gives the number completed. `now` in ms.
 */
export function unseenPushes(deps: PushDeps, now: number, alone = false): Promise<number> {
  return recoverPushes(deps, now, alone ? 0 : MIN_AGE_MS);
}
