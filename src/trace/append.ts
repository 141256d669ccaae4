/** Bytes a runner sent. Offsets and limits are bytes, `now` milliseconds. */
export interface Chunk {
  jobId: number;
  start: number;
  bytes: Uint8Array;
  /** The largest size the trace may reach. */
  limit: number;
  now: number;
}

/** What became of one append. `size` is always the durable size: bytes received, in order, and synced. */
export type AppendResult =
  | { ok: true; size: number }
  /** The chunk does not begin where the stored bytes end: too far ahead, or sent before. Nothing was written. */
  | { ok: false; reason: 'offset'; size: number }
  /** Another append to the same trace is being written. */
  | { ok: false; reason: 'busy' }
  /** The trace is archived or erased. */
  | { ok: false; reason: 'closed' }
  /** The trace would pass its size limit. Nothing was written. */
  | { ok: false; reason: 'too_large' }
  /** The disk is full. Nothing was acknowledged; a later try may succeed. */
  | { ok: false; reason: 'full' }
  /** The disk failed: nothing more is acknowledged for this trace until the server starts anew (REL-13). */
  | { ok: false; reason: 'broken' };

/**
 * The exact-offset rule (runner-api 4): a chunk is appended only where the stored bytes end. Takes the durable size and the
 * chunk; gives null when it may be written, else the refusal.
 */
export function refuseAppend(size: number, chunk: Chunk): Extract<AppendResult, { ok: false }> | null {
  if (chunk.start !== size) return { ok: false, reason: 'offset', size };
  if (size + chunk.bytes.length > chunk.limit) return { ok: false, reason: 'too_large' };
  return null;
}

/**
 * The start in a `Content-Range: <start>-<end>` of the runner (no unit; the end and a `/total` are ignored). Null when
 * the header is absent, malformed or beyond what a number holds exactly.
 */
export function startOf(contentRange: string | undefined): number | null {
  const match = /^(?:bytes )?(\d{1,15})(?:-\d*)?(?:\/(?:\d+|\*))?$/.exec(contentRange?.trim() ?? '');
  return match === null ? null : Number(match[1]);
}
