import type { PushDeps } from '../../git/push.ts';
import type { Rooms } from '../rooms.ts';
import { afterPush } from './after-push.ts';

/**
 * What moves refs in a server: its database, its repositories, and what a push leads to. `baseUrl` is for what users
 * are shown; `clock` gives milliseconds.
 */
export function pushDeps(
  rooms: Pick<Rooms, 'db' | 'repositories' | 'startPipeline' | 'logger'>,
  baseUrl: string,
  clock: () => number,
): PushDeps {
  const { db, repositories, logger } = rooms;
  return {
    db,
    repositories,
    onPush: (push, settle) => afterPush(rooms, push, settle, { baseUrl, now: clock() }),
    onError: (error) =>
      logger.error(
        { error: error instanceof Error ? (error.stack ?? error.message) : String(error) },
        'push',
      ),
  };
}
