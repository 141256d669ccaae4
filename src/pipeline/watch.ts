import type { Database } from '../db/database.ts';

export { BRIDGES, UNPROCESSED } from './advance/save.ts';

/**
 * Calls `work` whenever `topic` is told, one call at a time; what it throws goes to `onError`. Gives what stops it, once it is
 * idle. A duty does the same for what was told to nobody.
 */
export function watch(
  { notifications }: Pick<Database, 'notifications'>,
  topic: string,
  work: () => Promise<unknown>,
  onError: (error: unknown) => void,
): () => Promise<void> {
  let current: Promise<unknown> = Promise.resolve();
  let waiting = false;
  const unsubscribe = notifications.subscribe(topic, () => {
    if (waiting) return;
    waiting = true;
    current = current
      .then(() => {
        waiting = false;
        return work();
      })
      .catch(onError);
  });
  return async () => {
    unsubscribe();
    await current;
  };
}
