import type { Reading } from '../db/transaction.ts';
import { artifactByType, artifactsByJobs } from './queries.ts';
import type { ArtifactType } from './report-types.ts';

/** Who may read: as the job, developers, maintainers, nobody (jobs-api 3). */
export type Accessibility = 'public' | 'private' | 'maintainer' | 'none';

/** One stored file of a job. Times are milliseconds, `size` bytes, `sha256` hex. */
export interface Artifact {
  id: number;
  projectId: number;
  jobId: number;
  type: ArtifactType;
  format: 'zip' | 'gzip' | 'raw' | null;
  filename: string;
  size: number;
  sha256: string;
  storeKey: string;
  accessibility: Accessibility;
  /** Kept past its expiry: its pipeline is the latest successful one of its ref. */
  locked: boolean;
  expireAt: number | null;
  createdAt: number;
}

/** The artifacts of each of these jobs, in order of creation; jobs without any are absent. */
export async function artifactsOf(
  reading: Reading,
  jobIds: readonly number[],
): Promise<Map<number, Artifact[]>> {
  return await artifactsByJobs(reading, jobIds);
}

/** A job's artifact of one type, or null. */
export async function artifactOf(
  reading: Reading,
  jobId: number,
  type: ArtifactType,
): Promise<Artifact | null> {
  return artifactByType(reading, jobId, type);
}

/** Whether its content may still be shown one by one: not expired, or locked (jobs-api 5.0). */
export function isAvailable(artifact: Artifact, now: number): boolean {
  return artifact.locked || artifact.expireAt === null || artifact.expireAt > now;
}
