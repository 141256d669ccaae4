import { recordArtifact } from '../artifact/record.ts';
import type { ArtifactStore, StoredFile } from '../artifact/store.ts';
import type { Database } from '../db/database.ts';
import type { Tx } from '../db/transaction.ts';
import { formatChecksum } from './checksum.ts';
import { lockLiveSize, traceOf, updateTrace } from './queries.ts';
import { TraceIndexer } from './section.ts';
import type { LiveStore } from './store.ts';

export interface ArchiveDeps {
  db: Database;
  live: LiveStore;
  artifacts: ArtifactStore;
}

/**
 * Turns the finished log of a job into its artifact of type `trace`, with the line and section index beside it. The
 * bytes are durable in the store before the row says so, and the live ones go after that, so a crash at any point leaves a
 * readable trace and a later call finishes the work. Gives false when there was nothing (more) to archive.
 */
export async function archiveTrace(
  deps: ArchiveDeps,
  jobId: number,
  projectId: number,
  now: number,
): Promise<boolean> {
  const row = await traceOf(deps.db.read, jobId);
  if (row === null) return false;
  if (row.archived) {
    await deps.live.remove(jobId);
    return false;
  }
  const { size, crc } = await deps.live.summary(jobId);
  const times = await deps.live.times(jobId);
  const indexer = new TraceIndexer();
  const written = await deps.artifacts.write(indexed(deps.live.read(jobId, 0, size), indexer));
  if (!written.ok) throw new Error('a trace has no size limit when it is archived');
  const { file } = written;
  await deps.artifacts.writeCompanion(file.key, Buffer.from(JSON.stringify({ ...indexer.finish(), times })));
  const recorded =
    file.size === size &&
    (await deps.db.transaction((tx) => record(tx, { jobId, projectId, rowSize: row.size, crc, file, now })));
  if (recorded) await deps.live.remove(jobId);
  else await deps.artifacts.delete(file.key);
  return recorded;
}

interface Archived {
  jobId: number;
  projectId: number;
  /** What the row said before the bytes were copied. */
  rowSize: number;
  crc: number;
  file: StoredFile;
  now: number;
}

/** False when the trace grew, was erased or archived by another process meanwhile. */
async function record(tx: Tx, archived: Archived): Promise<boolean> {
  const { jobId, projectId, file, now } = archived;
  if ((await lockLiveSize(tx, jobId)) !== archived.rowSize) return false;
  await recordArtifact(tx, {
    projectId,
    jobId,
    type: 'trace',
    format: 'raw',
    filename: 'job.log',
    size: file.size,
    sha256: file.sha256,
    storeKey: file.key,
    accessibility: 'public',
    expireAt: null,
    createdAt: now,
  });
  await updateTrace(
    tx,
    jobId,
    { archived: true, size: file.size, checksum: formatChecksum(archived.crc) },
    now,
  );
  tx.notify(`trace:${jobId}`);
  return true;
}

async function* indexed(bytes: AsyncIterable<Buffer>, indexer: TraceIndexer): AsyncGenerator<Buffer> {
  for await (const slice of bytes) {
    indexer.add(slice);
    yield slice;
  }
}
