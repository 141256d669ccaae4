import { insertRows } from '../../../db/insert-rows.ts';
import { listStatement } from '../../../db/list-statement.ts';
import type { Reading, Tx } from '../../../db/transaction.ts';

const byIds = listStatement<{ id: number; digest: string; content: string }>(
  'select id, digest, content from job_definitions where id in (list)',
);
const byDigests = listStatement<{ id: number; digest: string }>(
  'select id, digest from job_definitions where digest in (list)',
);
const insert = insertRows('job_definitions', ['digest', 'content'], 'on conflict (digest) do nothing');

export function definitionRows(reading: Reading, ids: readonly number[]) {
  return byIds(reading, [], ids);
}

/** Ids by digest, of those that are stored. */
export async function definitionRowsByDigest(
  reading: Reading,
  digests: readonly string[],
): Promise<Map<string, number>> {
  const rows = await byDigests(reading, [], digests);
  return new Map(rows.map(({ digest, id }) => [digest, id]));
}

/** Adds `[digest, content]` pairs; one that somebody else added meanwhile stays. In one order, against deadlocks. */
export async function insertDefinitions(tx: Tx, rows: readonly (readonly [string, string])[]): Promise<void> {
  await insert(
    tx,
    [...rows].sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}
