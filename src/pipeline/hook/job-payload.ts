import type { User } from '../../project/user.ts';
import type { JobFacts } from './facts.ts';
import {
  displayName,
  environmentPart,
  type HookEnvironment,
  type HookProject,
  type HookRunner,
  type HookSource,
  projectPart,
  repositoryPart,
  runnerPart,
  seconds,
  sourcePart,
  time,
  timeToSecond,
  userPart,
} from './payload-parts.ts';

/** What never changes about a job, and who has to do with it. */
export interface JobSubject {
  name: string;
  stage: string;
  ref: string;
  tag: boolean;
  createdAt: number;
  /** Attempts before this one. */
  retriesCount: number;
  user: User | null;
  runner: HookRunner | null;
  environment: HookEnvironment | null;
  pipeline: { name: string | null; sha: string; beforeSha: string };
  commit: { message: string; authorName: string; authorEmail: string } | null;
  /** The account of the commit's author. */
  author: User | null;
  source: HookSource | null;
}

/** The body of a job event in GitLab's key order (rest-resources 10.4). `now`: when it happened, milliseconds. */
export function jobPayload({ job, pipeline }: JobFacts, subject: JobSubject, of: HookProject, now: number) {
  return {
    object_kind: 'build',
    ref: subject.ref,
    tag: subject.tag,
    before_sha: subject.pipeline.beforeSha,
    sha: subject.pipeline.sha,
    build_id: job.id,
    build_name: subject.name,
    build_stage: subject.stage,
    build_status: job.status,
    build_created_at: time(subject.createdAt),
    build_created_at_iso: timeToSecond(subject.createdAt),
    build_started_at: time(job.startedAt),
    build_started_at_iso: timeToSecond(job.startedAt),
    build_finished_at: time(job.finishedAt),
    build_finished_at_iso: timeToSecond(job.finishedAt),
    build_duration: seconds(job.startedAt, job.finishedAt, now),
    build_queued_duration: seconds(job.queuedAt, job.startedAt ?? job.finishedAt, now),
    build_allow_failure: job.allowFailure,
    build_failure_reason: job.failureReason ?? 'unknown_failure',
    pipeline_id: pipeline.id,
    runner: runnerPart(subject.runner),
    project_id: of.project.id,
    project_name: displayName(of),
    user: userPart(subject.user),
    commit: {
      id: pipeline.id,
      name: subject.pipeline.name,
      sha: subject.pipeline.sha,
      message: subject.commit?.message ?? null,
      author_name: subject.commit?.authorName ?? null,
      author_email: subject.commit?.authorEmail ?? null,
      author_url: authorUrl(subject, of),
      status: pipeline.status,
      duration: pipeline.duration,
      started_at: time(pipeline.startedAt),
      started_at_iso: timeToSecond(pipeline.startedAt),
      finished_at: time(pipeline.finishedAt),
      finished_at_iso: timeToSecond(pipeline.finishedAt),
    },
    repository: repositoryPart(of),
    project: projectPart(of),
    environment: environmentPart(subject.environment),
    ...sourcePart(subject.source, of.baseUrl),
    retries_count: subject.retriesCount,
  };
}

function authorUrl({ author, commit }: JobSubject, { baseUrl }: HookProject): string | null {
  if (author !== null) return `${baseUrl}/${author.username}`;
  return commit === null ? null : `mailto:${commit.authorEmail}`;
}
