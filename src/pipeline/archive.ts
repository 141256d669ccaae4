import { parseDuration } from '../config/duration.ts';
import type { Reading } from '../db/transaction.ts';
import { selectAge } from './queries/archive.ts';

/** Seconds that the setting `archive_builds_in_human_readable` must have at least. */
export const MIN_ARCHIVE_SECONDS = 86_400;

/** Whether jobs of this pipeline are too old to be run again (jobs-api 7). `now` in milliseconds. */
export async function isArchived(reading: Reading, pipelineId: number, now: number): Promise<boolean> {
  const age = await selectAge(reading, pipelineId);
  return age !== null && isPastArchiveAge(age.createdAt, age.setting, now);
}

/**
 * The same for a pipeline that was made at `createdAt` (milliseconds). `setting`: the archive age as it is stored, JSON of a
 * duration; null when jobs of any age may run.
 */
export function isPastArchiveAge(createdAt: number, setting: string | null, now: number): boolean {
  const text = setting === null ? null : (JSON.parse(setting) as string | null);
  const seconds = text === null ? null : parseDuration(text);
  return seconds !== null && createdAt < now - seconds * 1000;
}
