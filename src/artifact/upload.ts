import type { Database } from '../db/database.ts';
import type { Tx } from '../db/transaction.ts';
import { type Accessibility, type Artifact, artifactOf } from './artifact.ts';
import { type DotenvVariable, readDotenv } from './dotenv.ts';
import { recordArtifact } from './record.ts';
import { type ArtifactFormat, type ArtifactType, formatOf, MADE_BY_SERVER } from './report-types.ts';
import type { ArtifactStore, StoredFile } from './store.ts';
import { indexZip } from './zip-index.ts';

/** A stored file that a runner wants to be an artifact. Times are milliseconds. */
export interface Upload {
  projectId: number;
  jobId: number;
  type: ArtifactType;
  format: ArtifactFormat;
  filename: string;
  accessibility: Accessibility;
  expireAt: number | null;
  file: StoredFile;
  now: number;
}

export interface UploadDeps {
  db: Database;
  store: ArtifactStore;
  /** Asked in the transaction that makes it visible; false when the job no longer takes artifacts. */
  mayStill(tx: Tx): Promise<boolean>;
  /** Runs in the same transaction for what a dotenv report brings. */
  storeDotenv(tx: Tx, variables: DotenvVariable[]): Promise<void>;
  /** Runs in the same transaction for the expiry of a job's archive. */
  noteExpiry(tx: Tx, expireAt: number | null): Promise<void>;
}

export type UploadResult =
  | { ok: true }
  /** The same bytes are there already (runner-api 5): a resend after a lost answer. */
  | { ok: true; unchanged: true }
  | { ok: false; reason: 'wrong_format' | 'not_a_zip' | 'not_a_gzip' | 'exists' | 'closed' }
  | { ok: false; reason: 'invalid_dotenv'; message: string };

/**
 * Makes a stored file the artifact of its job, or deletes it and says why not. A zip is checked and indexed here, once;
 * everything is durable before the one transaction that makes it visible (REL-3). When it throws nobody knows whether
 * that was committed: the bytes stay, and the sweep decides.
 */
export async function acceptUpload(deps: UploadDeps, upload: Upload): Promise<UploadResult> {
  const keys = [upload.file.key];
  const result = await prepareAndRecord(deps, upload, keys);
  if (!result.ok || 'unchanged' in result) for (const key of keys) await deps.store.delete(key);
  return result;
}

async function prepareAndRecord(deps: UploadDeps, upload: Upload, keys: string[]): Promise<UploadResult> {
  const { store, db } = deps;
  if (MADE_BY_SERVER.has(upload.type) || formatOf(upload.type) !== upload.format) {
    return { ok: false, reason: 'wrong_format' };
  }
  const existing = compare(await artifactOf(db.read, upload.jobId, upload.type), upload);
  if (existing !== null) return existing;
  const prepared = await prepare(store, upload, keys);
  if (!prepared.ok) return prepared;
  try {
    return await db.transaction((tx) => record(tx, deps, upload, prepared));
  } catch (error) {
    if (db.capabilities.classify(error) !== 'unique') throw error;
    // The same type was uploaded twice at once, and the other one won.
    return (
      compare(await artifactOf(db.read, upload.jobId, upload.type), upload) ?? { ok: false, reason: 'closed' }
    );
  }
}

/** What an artifact of the same type means for the new one; null when there is none. */
function compare(existing: Artifact | null, upload: Upload): UploadResult | null {
  if (existing === null) return null;
  return existing.sha256 === upload.file.sha256
    ? { ok: true, unchanged: true }
    : { ok: false, reason: 'exists' };
}

interface Prepared {
  ok: true;
  metadata: StoredFile | null;
  variables: DotenvVariable[];
}

async function prepare(
  store: ArtifactStore,
  upload: Upload,
  keys: string[],
): Promise<Prepared | Extract<UploadResult, { ok: false }>> {
  if (upload.format === 'gzip' && !(await isGzip(store, upload.file.key)))
    return { ok: false, reason: 'not_a_gzip' };
  if (upload.type === 'dotenv') {
    const dotenv = await readDotenv(store, upload.file.key);
    if (!dotenv.ok) return { ok: false, reason: 'invalid_dotenv', message: dotenv.message };
    return { ok: true, metadata: null, variables: dotenv.variables };
  }
  if (upload.format !== 'zip') return { ok: true, metadata: null, variables: [] };
  return prepareZip(store, upload, keys);
}

async function prepareZip(
  store: ArtifactStore,
  upload: Upload,
  keys: string[],
): Promise<Prepared | Extract<UploadResult, { ok: false }>> {
  const reader = await store.open(upload.file.key);
  if (reader === null) throw new Error('an upload that was just stored is gone');
  try {
    const indexed = await indexZip(reader);
    if (!indexed.ok && indexed.reason === 'broken') return { ok: false, reason: 'not_a_zip' };
    if (!indexed.ok) return { ok: true, metadata: null, variables: [] };
    const companion = store.writeCompanion(upload.file.key, indexed.index);
    if (upload.type !== 'archive') {
      await companion;
      return { ok: true, metadata: null, variables: [] };
    }
    const [metadata] = await Promise.all([store.write([indexed.metadata]), companion]);
    if (!metadata.ok) throw new Error('metadata has no size limit');
    keys.push(metadata.file.key);
    return { ok: true, metadata: metadata.file, variables: [] };
  } finally {
    await reader.close();
  }
}

async function record(tx: Tx, deps: UploadDeps, upload: Upload, prepared: Prepared): Promise<UploadResult> {
  if (!(await deps.mayStill(tx))) return { ok: false, reason: 'closed' };
  const existing = compare(await artifactOf(tx, upload.jobId, upload.type), upload);
  if (existing !== null) return existing;
  const { file, now, ...common } = upload;
  const stored = { ...common, createdAt: now };
  await recordArtifact(tx, { ...stored, size: file.size, sha256: file.sha256, storeKey: file.key });
  if (prepared.metadata !== null) {
    const { key, size, sha256 } = prepared.metadata;
    const about = { type: 'metadata', format: 'gzip', filename: 'metadata.gz' } as const;
    await recordArtifact(tx, { ...stored, ...about, size, sha256, storeKey: key });
  }
  if (prepared.variables.length > 0) await deps.storeDotenv(tx, prepared.variables);
  if (upload.type === 'archive') await deps.noteExpiry(tx, upload.expireAt);
  return { ok: true };
}

async function isGzip(store: ArtifactStore, key: string): Promise<boolean> {
  const reader = await store.open(key);
  if (reader === null) return false;
  try {
    const magic = await reader.read(0, 2);
    return magic[0] === 0x1f && magic[1] === 0x8b;
  } finally {
    await reader.close();
  }
}
