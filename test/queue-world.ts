import type { Database } from '../src/db/database.ts';
import type { Tx } from '../src/db/transaction.ts';
import { type Claim, claim, settleClaims } from '../src/queue/claim.ts';
import { enqueue, type QueueEntry } from '../src/queue/enqueue.ts';
import type { RunnerFacts } from '../src/queue/match.ts';

/** A runner of the server for untagged jobs. */
export const RUNNER: RunnerFacts = {
  id: 1,
  type: 'instance_type',
  paused: false,
  runUntagged: true,
  protectedOnly: false,
  tags: [],
  groupId: null,
  projectIds: [],
};

/** Claims and settles, as a request does. */
export async function take(tx: Tx, runner: RunnerFacts): Promise<Claim> {
  const claimed = (await claim(tx, [runner]))[0]!;
  await settleClaims(tx);
  return claimed;
}

export const put = (db: Database, ...entries: QueueEntry[]) =>
  db.transaction(async (tx) => {
    await enqueue(tx, entries);
  });
