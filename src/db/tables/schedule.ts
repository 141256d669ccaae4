/** Tables of the room `pipeline`: only its `queries/` write them. */
import type { Flag, Id, Json, Millis } from './columns.ts';

/** Pipelines that time makes (rest-resources 6.3). */
export interface PipelineSchedulesTable {
  id: Id;
  project_id: number;
  description: string;
  /** `refs/heads/x`, `refs/tags/x`, or as it was given where that is not known. */
  ref: string;
  cron: string;
  cron_timezone: string;
  active: Flag;
  /** Whose rights its pipelines have. */
  owner_id: number;
  next_run_at: Millis;
  /** JSON array of {name, value}. */
  inputs: Json;
  created_at: Millis;
  updated_at: Millis;
}

export interface PipelineScheduleVariablesTable {
  id: Id;
  schedule_id: number;
  key: string;
  encrypted_value: string;
  variable_type: string;
  raw: Flag;
}

/** Which pipelines a schedule made. */
export interface PipelineScheduleRunsTable {
  schedule_id: number;
  pipeline_id: number;
}

/** Times in which a project would rather not be deployed (rest-resources 9.5). */
export interface FreezePeriodsTable {
  id: Id;
  project_id: number;
  /** Cron expressions. */
  freeze_start: string;
  freeze_end: string;
  cron_timezone: string;
  created_at: Millis;
  updated_at: Millis;
}
