import { createGunzip } from 'node:zlib';
import type { Artifact } from './artifact.ts';
import type { ArtifactStore } from './store.ts';

/** Unpacked bytes of a report that are read at most (security ART-11). */
const MAX_BYTES = 20 * 1024 * 1024;

export type ReportText =
  | { ok: true; text: string }
  | { ok: false; reason: 'missing' | 'too_large' | 'broken' };

/** The text of a report artifact, unpacked; at most 20 MiB of it. Never throws for what a job uploaded. */
export async function readReport(
  store: ArtifactStore,
  artifact: Pick<Artifact, 'storeKey' | 'format'>,
): Promise<ReportText> {
  const reader = await store.open(artifact.storeKey);
  if (reader === null) return { ok: false, reason: 'missing' };
  const packed = reader.stream();
  const bytes = artifact.format === 'gzip' ? packed.pipe(createGunzip()) : packed;
  packed.on('error', (error) => bytes.destroy(error));
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of bytes as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > MAX_BYTES) return { ok: false, reason: 'too_large' };
      chunks.push(chunk);
    }
  } catch {
    return { ok: false, reason: 'broken' };
  } finally {
    packed.destroy();
  }
  return { ok: true, text: Buffer.concat(chunks, size).toString() };
}
