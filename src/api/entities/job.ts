import { isPastArchiveAge } from '../../pipeline/archive.ts';
import type { JobView } from '../read/job-view.ts';
import { commitEntity } from './commit.ts';
import { pipelineBasic } from './pipeline.ts';
import { managerEntity, runnerEntity } from './runner.ts';
import { isoTime, secondsBetween } from './time.ts';
import { userEntity } from './user.ts';

/** What an answer about jobs needs beside the jobs. */
export interface JobContext {
  /** Page of the project, `<base>/<full path>`. */
  projectUrl: string;
  baseUrl: string;
  /** The project's outbound job token scope. */
  tokenScopeEnabled: boolean;
  now: number;
}

const made = new WeakMap<JobContext, Map<object, unknown>>();

/** What `make` makes of a part, made once for each answer however many of its jobs share the part. */
function once<P extends object | null, E>(
  context: JobContext,
  part: P,
  make: (part: NonNullable<P>) => E,
): E | (null extends P ? null : never) {
  if (part === null) return null as never;
  let known = made.get(context);
  if (known === undefined) {
    known = new Map();
    made.set(context, known);
  }
  let entity = known.get(part) as E | undefined;
  if (entity === undefined) {
    entity = make(part);
    known.set(part, entity);
  }
  return entity;
}

/** A job in GitLab's key order (jobs-api 6.1). */
export function jobEntity(view: JobView, context: JobContext) {
  const { job } = view;
  const archive = view.artifacts.find((artifact) => artifact.type === 'archive');
  const showsArchive = archive !== undefined && (archive.expireAt === null || archive.expireAt > context.now);
  return {
    ...jobBasic(view, context),
    ...(showsArchive ? { artifacts_file: { filename: archive.filename, size: archive.size } } : {}),
    artifacts: view.artifacts.map((artifact) => ({
      file_type: artifact.type,
      size: artifact.size,
      filename: artifact.filename,
      file_format: artifact.format,
    })),
    runner: once(context, view.runner, (runner) => runnerEntity(runner, view.runnerBusy, context.now)),
    ...(job.type === 'build'
      ? {
          runner_manager: once(context, view.manager, (manager) =>
            managerEntity(manager, view.runnerBusy, context.now),
          ),
        }
      : {}),
    artifacts_expire_at: isoTime(job.artifacts_expire_at),
    archived: isPastArchiveAge(view.pipeline.created_at, view.archiveAge, context.now),
    source: view.pipeline.source,
    tag_list: job.type === 'bridge' ? ['bridge'] : [...view.tags].sort(),
  };
}

/** A bridge (jobs-api 6.2): a job without artifacts and runner, with what it started. */
export function bridgeEntity(
  view: JobView,
  context: JobContext,
  downstream: { pipeline: Parameters<typeof pipelineBasic>[0]; projectUrl: string } | null,
) {
  return {
    ...jobBasic(view, context),
    downstream_pipeline:
      downstream === null ? null : pipelineBasic(downstream.pipeline, downstream.projectUrl),
  };
}

/** The keys that jobs and bridges share: the short form of a job. */
export function jobBasic(view: JobView, context: JobContext) {
  const { job, user, commit } = view;
  const { now, projectUrl } = context;
  return {
    id: job.id,
    status: job.status,
    stage: view.stage,
    name: job.name,
    ref: job.ref,
    tag: job.tag === 1,
    coverage: job.coverage,
    allow_failure: job.allow_failure === 1,
    created_at: isoTime(job.created_at),
    started_at: isoTime(job.started_at),
    finished_at: isoTime(job.finished_at),
    erased_at: isoTime(job.erased_at),
    duration: secondsBetween(job.started_at, job.finished_at, now),
    queued_duration: secondsBetween(job.queued_at, job.started_at, now),
    user: once(context, user, (known) => userEntity(known, context.baseUrl)),
    commit: once(context, commit, (known) => commitEntity(known, projectUrl)),
    pipeline: once(context, view.pipeline, (pipeline) => pipelineBasic(pipeline, projectUrl)),
    ...(job.status === 'failed' ? { failure_reason: job.failure_reason ?? 'unknown_failure' } : {}),
    web_url: `${projectUrl}/-/jobs/${job.id}`,
    project: { ci_job_token_scope_enabled: context.tokenScopeEnabled },
  };
}
