import { Readable } from 'node:stream';
import { artifactOf } from '../artifact/artifact.ts';
import type { ArtifactStore, StoredReader } from '../artifact/store.ts';
import type { Reading } from '../db/transaction.ts';
import { traceOf } from './queries.ts';
import type { TraceIndex } from './section.ts';
import type { LiveStore } from './store.ts';

/** A trace to read: `size` bytes now; a live one may grow. */
export interface TraceView {
  jobId: number;
  size: number;
  live: boolean;
  /** The runner was asked to send it again: other bytes than before may stand at the same offsets. Of a live one only. */
  resent: boolean;
  /** Equal for equal bytes, as an entity tag says it. */
  etag: string;
  /** Bytes from `start` to before `end`; the whole trace by default. */
  stream(start?: number, end?: number): Readable;
}

/** Where traces may be. */
export interface TracePlaces {
  reading: Reading;
  live: LiveStore;
  artifacts: ArtifactStore;
}

/** The trace of a job, or null when there is none: never begun, erased, or its file is gone (jobs-api 4.7). */
export async function viewTrace(places: TracePlaces, jobId: number): Promise<TraceView | null> {
  const row = await traceOf(places.reading, jobId);
  if (row === null) return null;
  if (!row.archived) {
    const size = await places.live.size(jobId);
    if (size > 0 || !(await archivedMeanwhile(places, jobId))) {
      const resent = row.checksum !== null;
      const etag = `"${jobId}-${resent ? 2 : 1}-${size}"`;
      return { jobId, size, live: true, resent, etag, stream: streamer(places, jobId, size) };
    }
  }
  const archived = await openArchived(places, jobId);
  if (archived === null) return null;
  const { size } = archived.reader;
  await archived.reader.close();
  const etag = `"${archived.sha256}"`;
  return { jobId, size, live: false, resent: false, etag, stream: streamer(places, jobId, size) };
}

/** Bytes `start` to before `end` of a trace at once. */
export async function bytesBetween(view: TraceView, start: number, end: number): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of view.stream(start, end)) parts.push(part as Buffer);
  return parts.length === 1 ? parts[0]! : Buffer.concat(parts);
}

/** The index stored beside an archived trace, or null while there is none. */
export async function readTraceIndex(places: TracePlaces, jobId: number): Promise<TraceIndex | null> {
  const artifact = await artifactOf(places.reading, jobId, 'trace');
  const reader = artifact === null ? null : await places.artifacts.openCompanion(artifact.storeKey);
  if (reader === null) return null;
  try {
    return JSON.parse((await reader.read(0, reader.size)).toString('utf8')) as TraceIndex;
  } finally {
    await reader.close();
  }
}

function streamer(places: TracePlaces, jobId: number, size: number): TraceView['stream'] {
  return (start = 0, end = size) =>
    Readable.from(bytesOf(places, jobId, start, Math.min(end, size)), { objectMode: false });
}

/** Live bytes as far as they go; when the trace was archived under the reader's hands, the rest from there. */
async function* bytesOf(
  places: TracePlaces,
  jobId: number,
  start: number,
  end: number,
): AsyncGenerator<Buffer> {
  let position = start;
  for await (const slice of places.live.read(jobId, position, end)) {
    yield slice;
    position += slice.length;
  }
  if (position >= end) return;
  const archived = await openArchived(places, jobId);
  if (archived !== null) yield* archived.reader.stream(position, end) as AsyncIterable<Buffer>;
}

async function openArchived(
  places: TracePlaces,
  jobId: number,
): Promise<{ sha256: string; reader: StoredReader } | null> {
  const artifact = await artifactOf(places.reading, jobId, 'trace');
  const reader = artifact === null ? null : await places.artifacts.open(artifact.storeKey);
  return artifact === null || reader === null ? null : { sha256: artifact.sha256, reader };
}

async function archivedMeanwhile(places: TracePlaces, jobId: number): Promise<boolean> {
  return (await traceOf(places.reading, jobId))?.archived === true;
}
