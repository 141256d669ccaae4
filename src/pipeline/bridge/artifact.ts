import { artifactOf, isAvailable } from '../../artifact/artifact.ts';
import { readEntry } from '../../artifact/entry.ts';
import type { ArtifactStore } from '../../artifact/store.ts';
import type { ConfigFiles } from '../../config/files.ts';
import type { CreateDeps } from '../create.ts';
import { type JobRow, latestJobs } from '../job-lookup.ts';

export interface ArtifactDeps extends CreateDeps {
  artifacts: ArtifactStore;
}

/** A configuration larger than this is none, bytes. */
const MAX_CONFIG_BYTES = 5 * 1024 * 1024;

/** Reads files that earlier jobs of the bridge's pipeline left, for `trigger:include:artifact` (ci-yaml 12.5). */
export function artifactReader(
  deps: ArtifactDeps,
  bridge: JobRow,
  now: number,
): NonNullable<ConfigFiles['readArtifact']> {
  return async (name, path) => {
    const value = await textOf(deps, bridge, { name, path }, now);
    if (value !== null) return { ok: true, value };
    return { ok: false, message: `Job \`${name}\` has no artifact \`${path}\` that could be read` };
  };
}

async function textOf(
  deps: ArtifactDeps,
  bridge: JobRow,
  { name, path }: { name: string; path: string },
  now: number,
): Promise<string | null> {
  const { read } = deps.db;
  const job = (await latestJobs(read, bridge.pipelineId)).find(
    (candidate) => candidate.name === name && candidate.stageIndex <= bridge.stageIndex,
  );
  const archive = job === undefined ? null : await artifactOf(read, job.id, 'archive');
  if (archive === null || !isAvailable(archive, now)) return null;
  const entry = await readEntry(deps.artifacts, archive.storeKey, path.replace(/^\.?\//, ''));
  if (!entry.ok) return null;
  if (entry.size > MAX_CONFIG_BYTES) {
    if (!Buffer.isBuffer(entry.body)) entry.body.destroy();
    return null;
  }
  if (Buffer.isBuffer(entry.body)) return entry.body.toString('utf8');
  const parts: Buffer[] = [];
  for await (const part of entry.body) parts.push(part as Buffer);
  return Buffer.concat(parts).toString('utf8');
}
