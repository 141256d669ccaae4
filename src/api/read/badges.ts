import { sql } from 'kysely';
import type { Reading } from '../../db/transaction.ts';

/** Status of the newest pipeline of a ref's head, skipped ones counted or not; null without one. */
export async function statusAt(
  reading: Reading,
  projectId: number,
  { ref, sha, skipped }: { ref: string; sha: string; skipped: boolean },
): Promise<string | null> {
  let query = pipelinesOf(reading, projectId)
    .select('status')
    .where(sql`ref || ''`, '=', ref) // not an index of refs
    .where((eb) => eb.between('sha', sha, sha))
    .orderBy('sha', 'desc');
  if (!skipped) query = query.where('status', '!=', 'skipped');
  return (await query.orderBy('id', 'desc').executeTakeFirst())?.status ?? null;
}

/** Coverage of a ref's newest successful pipeline, or of the latest job of this name in it; null without any. */
export async function coverageOf(
  reading: Reading,
  projectId: number,
  ref: string,
  job: string | null,
): Promise<number | null> {
  const pipeline = await pipelinesOf(reading, projectId)
    .select(['id', 'coverage'])
    .where('ref', '=', ref)
    .where((eb) => eb.between('status', 'success', 'success'))
    .orderBy('status', 'desc')
    .orderBy('id', 'desc')
    .executeTakeFirst();
  if (pipeline === undefined || job === null) return pipeline?.coverage ?? null;
  const row = await reading.sql
    .selectFrom('jobs')
    .select('coverage')
    .where('pipeline_id', '=', pipeline.id)
    .where('name', '=', job)
    .where('retried', '=', 0)
    .executeTakeFirst();
  return row?.coverage ?? null;
}

function pipelinesOf(reading: Reading, projectId: number) {
  return reading.sql
    .selectFrom('pipelines')
    .where('project_id', '=', projectId)
    .where('source', '!=', 'parent_pipeline')
    .limit(sql.lit(1)); // PostgreSQL plans for how few they are
}
