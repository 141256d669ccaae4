import type { pipelineDetails } from '../read/pipeline-details.ts';
import type { PipelineRow } from '../read/rows.ts';
import { detailedStatus } from './detailed-status.ts';
import { isoTime } from './time.ts';
import { userBasic } from './user.ts';

/** The short form, as it stands in jobs, commits, schedules and bridges (rest-resources 6.4). */
export function pipelineBasic(
  pipeline: Pick<
    PipelineRow,
    'id' | 'iid' | 'project_id' | 'sha' | 'ref' | 'status' | 'source' | 'created_at' | 'updated_at'
  >,
  projectUrl: string,
) {
  return {
    id: pipeline.id,
    iid: pipeline.iid,
    project_id: pipeline.project_id,
    sha: pipeline.sha,
    ref: pipeline.ref,
    status: pipeline.status,
    source: pipeline.source,
    created_at: isoTime(pipeline.created_at),
    updated_at: isoTime(pipeline.updated_at),
    web_url: `${projectUrl}/-/pipelines/${pipeline.id}`,
  };
}

/** What a whole pipeline shows beyond its row. */
export interface PipelineExtras {
  user: ReturnType<typeof userBasic> | null;
  /** Its jobs are too old to be run again. */
  archived: boolean;
  /** Some job failed and was allowed to. */
  warnings: boolean;
  projectUrl: string;
  /** Path of the project, for `details_path`. */
  projectPath: string;
}

/** The whole form (rest-resources 6.4): whole seconds, coverage as text. */
export function pipelineEntity(pipeline: PipelineRow, extras: PipelineExtras) {
  const queuedSeconds =
    pipeline.started_at === null ? null : Math.floor((pipeline.started_at - pipeline.created_at) / 1000);
  return {
    ...pipelineBasic(pipeline, extras.projectUrl),
    before_sha: pipeline.before_sha,
    tag: pipeline.tag === 1,
    yaml_errors: pipeline.yaml_errors,
    user: extras.user,
    started_at: isoTime(pipeline.started_at),
    finished_at: isoTime(pipeline.finished_at),
    committed_at: isoTime(pipeline.committed_at),
    duration: pipeline.duration,
    queued_duration: queuedSeconds === 0 ? null : queuedSeconds,
    coverage: pipeline.coverage === null ? null : pipeline.coverage.toFixed(2),
    detailed_status: detailedStatus(
      pipeline.status,
      extras.warnings,
      `/${extras.projectPath}/-/pipelines/${pipeline.id}`,
    ),
    archived: extras.archived,
  };
}

/** The whole form with the name that `workflow:name` gave. */
export function pipelineWithMetadata(pipeline: PipelineRow, extras: PipelineExtras) {
  return { ...pipelineEntity(pipeline, extras), name: pipeline.name };
}

/** An item of a list of pipelines. */
export function pipelineListItem(pipeline: PipelineRow, projectUrl: string) {
  return { ...pipelineBasic(pipeline, projectUrl), name: pipeline.name };
}

/** What a list says beyond GitLab's keys when it is asked to (`with_details`); ours. */
export function pipelineListDetails(
  pipeline: PipelineRow,
  details: Awaited<ReturnType<typeof pipelineDetails>>[number],
  baseUrl: string,
) {
  const { commit, user, stages, warnings } = details;
  return {
    user: user === null ? null : userBasic(user, baseUrl),
    commit: commit === null ? null : { title: commit.title, author_name: commit.author_name },
    tag: pipeline.tag === 1,
    warnings,
    has_yaml_errors: pipeline.yaml_errors !== null,
    duration: pipeline.duration,
    started_at: isoTime(pipeline.started_at),
    finished_at: isoTime(pipeline.finished_at),
    stages: stages.map(({ name, status }) => ({ name, status })),
  };
}
