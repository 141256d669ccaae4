import type { Reading } from '../db/transaction.ts';
import { digestOf } from '../project/token.ts';
import type { RunnerFacts, RunnerType } from '../queue/match.ts';
import { assignedAt, projectIdsOf, type RunnerRow, runnerRow, runnerRowByDigest } from './queries.ts';

export type { RunnerType } from '../queue/match.ts';

/** A runner without its token; times in milliseconds, null before they happened. */
export interface Runner {
  id: number;
  type: RunnerType;
  /** First characters of the token, to tell runners apart. */
  shortToken: string;
  tokenExpiresAt: number | null;
  /** Group of a group runner. */
  groupId: number | null;
  name: string | null;
  description: string | null;
  maintenanceNote: string | null;
  paused: boolean;
  locked: boolean;
  runUntagged: boolean;
  accessLevel: 'not_protected' | 'ref_protected';
  maximumTimeoutSeconds: number | null;
  /** Sorted. */
  tags: string[];
  creatorId: number | null;
  /** False until its first job request. */
  creationFinished: boolean;
  contactedAt: number | null;
  createdAt: number;
  updatedAt: number;
}

/** The runner that holds this token, or null for an unknown, reset or expired one (runner-api 1, security RUN-3). */
export async function runnerByToken(reading: Reading, token: string, now: number): Promise<Runner | null> {
  const row = await runnerRowByDigest(reading, digestOf(token));
  if (row === null || (row.token_expires_at !== null && row.token_expires_at <= now)) return null;
  return runnerOfRow(row);
}

export async function runnerById(reading: Reading, id: number): Promise<Runner | null> {
  const row = await runnerRow(reading, id);
  return row === null ? null : runnerOfRow(row);
}

/** The projects that a runner is assigned to, by id ascending. */
export function projectsOfRunner(reading: Reading, runnerId: number): Promise<number[]> {
  return projectIdsOf(reading, runnerId);
}

export { assignedAt };

/** What picking needs of a runner: one more read for a project runner. */
export async function factsOf(reading: Reading, runner: Runner): Promise<RunnerFacts> {
  return {
    id: runner.id,
    type: runner.type,
    paused: runner.paused,
    runUntagged: runner.runUntagged,
    protectedOnly: runner.accessLevel === 'ref_protected',
    tags: runner.tags,
    groupId: runner.groupId,
    projectIds: runner.type === 'project_type' ? await projectIdsOf(reading, runner.id) : [],
  };
}

/** A row as the rooms see it. */
export function runnerOfRow(row: RunnerRow): Runner {
  return {
    id: row.id,
    type: row.runner_type as RunnerType,
    shortToken: row.short_token,
    tokenExpiresAt: row.token_expires_at,
    groupId: row.namespace_id,
    name: row.name,
    description: row.description,
    maintenanceNote: row.maintenance_note,
    paused: row.paused === 1,
    locked: row.locked === 1,
    runUntagged: row.run_untagged === 1,
    accessLevel: row.access_level as Runner['accessLevel'],
    maximumTimeoutSeconds: row.maximum_timeout,
    tags: JSON.parse(row.tag_list) as string[],
    creatorId: row.creator_id,
    creationFinished: row.creation_finished === 1,
    contactedAt: row.contacted_at,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}
