import { type Insertable, type Selectable, sql } from 'kysely';
import { gatheredMany } from '../db/gathered.ts';
import { listStatement } from '../db/list-statement.ts';
import { statement } from '../db/statement.ts';
import type { ArtifactsTable } from '../db/tables/artifact.ts';
import type { Reading, Tx } from '../db/transaction.ts';
import type { Artifact } from './artifact.ts';
import type { ArtifactType } from './report-types.ts';

function artifact(row: Selectable<ArtifactsTable>): Artifact {
  return {
    id: row.id,
    projectId: row.project_id,
    jobId: row.job_id,
    type: row.file_type as ArtifactType,
    format: row.file_format as Artifact['format'],
    filename: row.filename,
    size: row.size,
    sha256: row.sha256,
    storeKey: row.store_key,
    accessibility: row.accessibility as Artifact['accessibility'],
    locked: row.locked === 1,
    expireAt: row.expire_at,
    createdAt: row.created_at,
  };
}

const byJobs = listStatement<Selectable<ArtifactsTable>>('select * from artifacts where job_id in (list)');
const byType = statement<Selectable<ArtifactsTable>>(
  'select * from artifacts where job_id = ? and file_type = ?',
);

const byJob = gatheredMany(async (reading, jobIds: readonly number[]) => {
  const rows = await byJobs(reading, [], jobIds);
  rows.sort((a, b) => a.id - b.id);
  return Map.groupBy(rows.map(artifact), ({ jobId }) => jobId);
});

/** Artifacts of each of these jobs, in order of creation; jobs without any are absent. */
export async function artifactsByJobs(
  reading: Reading,
  jobIds: readonly number[],
): Promise<Map<number, Artifact[]>> {
  const known = await byJob(reading, jobIds);
  return new Map(jobIds.flatMap((id) => (known.has(id) ? [[id, known.get(id)!]] : [])));
}

export async function artifactByType(
  reading: Reading,
  jobId: number,
  type: string,
): Promise<Artifact | null> {
  const [row] = await byType(reading, jobId, type);
  return row === undefined ? null : artifact(row);
}

/** A new artifact shares the lock of its job's pipeline. */
export async function insertArtifact(tx: Tx, values: Omit<Artifact, 'id' | 'locked'>): Promise<void> {
  const pipeline = await tx.sql
    .selectFrom('jobs')
    .innerJoin('pipelines', 'pipelines.id', 'jobs.pipeline_id')
    .select('pipelines.locked')
    .where('jobs.id', '=', values.jobId)
    .executeTakeFirst();
  const row: Insertable<ArtifactsTable> = {
    project_id: values.projectId,
    job_id: values.jobId,
    file_type: values.type,
    file_format: values.format,
    filename: values.filename,
    size: values.size,
    sha256: values.sha256,
    store_key: values.storeKey,
    accessibility: values.accessibility,
    locked: pipeline?.locked ?? 0,
    expire_at: values.expireAt,
    created_at: values.createdAt,
  };
  await tx.sql.insertInto('artifacts').values(row).execute();
  await addToTotal(tx, values.projectId, values.size);
}

const addToTotal = statement(
  `insert into artifact_totals (project_id, size) values (?, ?)
   on conflict (project_id) do update set size = artifact_totals.size + excluded.size`,
);
const total = statement<{ size: number }>('select size from artifact_totals where project_id = ?');

/** Bytes of all artifacts of a project. */
export async function totalSize(reading: Reading, projectId: number): Promise<number> {
  return Number((await total(reading, projectId))[0]?.size ?? 0);
}

const forgetTotal = statement('delete from artifact_totals where project_id = ?');

export async function deleteTotal(tx: Tx, projectId: number): Promise<void> {
  await forgetTotal(tx, projectId);
}

/** Deletes rows and records their keys for the removal of the bytes. Gives how many rows went. */
export async function deleteRows(tx: Tx, rows: readonly Artifact[], now: number): Promise<number> {
  if (rows.length === 0) return 0;
  await tx.sql
    .deleteFrom('artifacts')
    .where(
      'id',
      'in',
      rows.map((row) => row.id),
    )
    .execute();
  await tx.sql
    .insertInto('deleted_files')
    .values(rows.map((row) => ({ store_key: row.storeKey, created_at: now })))
    .onConflict((conflict) => conflict.column('store_key').doNothing())
    .execute();
  // Always in the same order, so that two removals do not wait for each other.
  const sizes = Map.groupBy(rows, ({ projectId }) => projectId);
  for (const id of [...sizes.keys()].sort((a, b) => a - b)) {
    await addToTotal(tx, id, -sizes.get(id)!.reduce((sum, { size }) => sum + size, 0));
  }
  return rows.length;
}

/** Artifacts that are past their expiry and not locked, the longest expired first. Traces never expire. */
export async function expiredArtifacts(reading: Reading, now: number, limit: number): Promise<Artifact[]> {
  const rows = await reading.sql
    .selectFrom('artifacts')
    .selectAll()
    .where('expire_at', 'is not', null)
    .where('expire_at', '<=', now)
    .where('locked', '=', sql.lit(0)) // written out: the index is of these
    .orderBy('expire_at')
    .limit(limit)
    .execute();
  return rows.map(artifact);
}

export async function setExpiry(tx: Tx, jobId: number, expireAt: number | null): Promise<void> {
  await tx.sql
    .updateTable('artifacts')
    .set({ expire_at: expireAt })
    .where('job_id', '=', jobId)
    .where('file_type', '!=', 'trace')
    .execute();
}

export async function expireProject(tx: Tx, projectId: number, now: number): Promise<void> {
  await tx.sql
    .updateTable('artifacts')
    .set({ expire_at: now })
    .where('project_id', '=', projectId)
    .where('locked', '=', 0)
    .where('file_type', '!=', 'trace')
    .where((where) => where.or([where('expire_at', 'is', null), where('expire_at', '>', now)]))
    .execute();
}

export async function setLocked(tx: Tx, pipelineIds: readonly number[], locked: boolean): Promise<void> {
  await tx.sql
    .updateTable('artifacts')
    .set({ locked: Number(locked) })
    .where('job_id', 'in', (query) =>
      query.selectFrom('jobs').select('id').where('pipeline_id', 'in', pipelineIds),
    )
    .execute();
}

export async function deletedFiles(reading: Reading, limit: number): Promise<string[]> {
  const rows = await reading.sql.selectFrom('deleted_files').select('store_key').limit(limit).execute();
  return rows.map((row) => row.store_key);
}

export async function forgetDeleted(tx: Tx, keys: readonly string[]): Promise<void> {
  await tx.sql.deleteFrom('deleted_files').where('store_key', 'in', keys).execute();
}

/** Those of the keys that an artifact still uses. */
export async function usedKeys(reading: Reading, keys: readonly string[]): Promise<Set<string>> {
  if (keys.length === 0) return new Set();
  const rows = await reading.sql
    .selectFrom('artifacts')
    .select('store_key')
    .where('store_key', 'in', keys)
    .execute();
  return new Set(rows.map((row) => row.store_key));
}
