import { Readable } from 'node:stream';
import { artifactOf } from '../artifact/artifact.ts';
import type { ArtifactStore, StoredReader } from '../artifact/store.ts';
import type { Reading } from '../db/transaction.ts';
import { traceOf } from './queries.ts';
import type { TraceIndex } from './section.ts';
import type { LiveStore } from './store.ts';

/** A trace to read: `size` bytes now; a live one may grow. */
export interface TraceView {
  size: number;
  live: boolean;
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
    if (size > 0 || !(await archivedMeanwhile(places, jobId))) return view(places, jobId, size, true);
  }
  const size = await archivedSize(places, jobId);
  return size === null ? null : view(places, jobId, size, false);
}

/** The line and section index of an archived trace, or null while there is none. */
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

function view(places: TracePlaces, jobId: number, size: number, live: boolean): TraceView {
  return {
    size,
    live,
    stream: (start = 0, end = size) =>
      Readable.from(bytesOf(places, jobId, start, Math.min(end, size)), { objectMode: false }),
  };
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
  const reader = await openArchived(places, jobId);
  if (reader !== null) yield* reader.stream(position, end) as AsyncIterable<Buffer>;
}

async function openArchived(places: TracePlaces, jobId: number): Promise<StoredReader | null> {
  const artifact = await artifactOf(places.reading, jobId, 'trace');
  return artifact === null ? null : places.artifacts.open(artifact.storeKey);
}

async function archivedMeanwhile(places: TracePlaces, jobId: number): Promise<boolean> {
  return (await traceOf(places.reading, jobId))?.archived === true;
}

async function archivedSize(places: TracePlaces, jobId: number): Promise<number | null> {
  const reader = await openArchived(places, jobId);
  await reader?.close();
  return reader?.size ?? null;
}
