/** Stored rows by name, for the entities that show them. */
import type { Selectable } from 'kysely';
import type { CommitsTable, JobsTable, PipelinesTable } from '../../db/tables/pipeline.ts';
import type { RunnerManagersTable, RunnersTable } from '../../db/tables/runner.ts';

export type JobsRow = Selectable<JobsTable>;
export type PipelineRow = Selectable<PipelinesTable>;
export type CommitRow = Selectable<CommitsTable>;
export type RunnerRow = Selectable<RunnersTable>;
export type ManagerRow = Selectable<RunnerManagersTable>;
