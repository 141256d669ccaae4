import type { JobDefinition } from '../../pipeline/job-definition.ts';
import type { GraphJobRow } from '../read/pipeline-graph.ts';
import type { PipelineRow } from '../read/rows.ts';
import { isoTime } from './time.ts';

/** What a job's row does not say. */
export interface GraphFacts {
  /** By job: names of the jobs it needs. */
  needs: ReadonlyMap<number, string[]>;
  /** By name: how often it was tried before. */
  retries: ReadonlyMap<string, number>;
  definitions: ReadonlyMap<number, JobDefinition>;
  /** By bridge. */
  downstream: ReadonlyMap<number, { pipeline: PipelineRow; projectPath: string }>;
}

/** A job or bridge as a drawing of its pipeline needs it; ours. `needs` is null where the stages decide. */
export function graphJob(row: GraphJobRow, facts: GraphFacts) {
  const downstream = facts.downstream.get(row.id);
  const definition = facts.definitions.get(row.definition_id);
  return {
    id: row.id,
    type: row.type,
    name: row.name,
    stage: row.stage,
    status: row.status,
    when: row.when,
    allow_failure: row.allow_failure === 1,
    needs: row.scheduling_type === 'dag' ? (facts.needs.get(row.id) ?? []) : null,
    environment: row.environment,
    failure_reason: row.status === 'failed' ? (row.failure_reason ?? 'unknown_failure') : null,
    manual_confirmation: definition?.manualConfirmation ?? null,
    retries: facts.retries.get(row.name) ?? 0,
    scheduled_at: isoTime(row.scheduled_at),
    queued_at: isoTime(row.queued_at),
    started_at: isoTime(row.started_at),
    finished_at: isoTime(row.finished_at),
    downstream:
      downstream === undefined
        ? null
        : {
            id: downstream.pipeline.id,
            project_id: downstream.pipeline.project_id,
            project_path: downstream.projectPath,
            status: downstream.pipeline.status,
            name: downstream.pipeline.name,
          },
  };
}
