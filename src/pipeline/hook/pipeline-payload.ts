import type { User } from '../../project/user.ts';
import { statusLabel } from '../status-label.ts';
import type { JobMoment, PipelineFacts } from './facts.ts';
import {
  environmentPart,
  type HookEnvironment,
  type HookProject,
  type HookRunner,
  type HookSource,
  projectPage,
  projectPart,
  runnerPart,
  seconds,
  sourcePart,
  time,
  userPart,
} from './payload-parts.ts';

/** What never changes about a build. */
export interface BuildSubject {
  name: string;
  stage: string;
  when: string;
  createdAt: number;
  user: User | null;
  runner: HookRunner | null;
  environment: HookEnvironment | null;
  archive: { filename: string; size: number } | null;
}

/** What never changes about a pipeline. */
export interface PipelineSubject {
  iid: number;
  name: string | null;
  ref: string;
  tag: boolean;
  sha: string;
  beforeSha: string;
  source: string;
  protected: boolean;
  /** In their order. */
  stages: readonly string[];
  createdAt: number;
  variables: readonly { key: string; value: string }[];
  user: User | null;
  commit: {
    message: string;
    title: string;
    committedDate: string;
    authorName: string;
    authorEmail: string;
  } | null;
  builds: ReadonlyMap<number, BuildSubject>;
  trigger: HookSource | null;
}

/** The body of a pipeline event in GitLab's key order (rest-resources 10.5). `now`: when it happened, milliseconds. */
export function pipelinePayload(
  { pipeline, builds }: PipelineFacts,
  subject: PipelineSubject,
  of: HookProject,
  now: number,
) {
  const { commit } = subject;
  const warnings = builds.some(
    ({ status, allowFailure }) => allowFailure && (status === 'failed' || status === 'canceled'),
  );
  const queued = seconds(subject.createdAt, pipeline.startedAt, now);
  return {
    object_kind: 'pipeline',
    object_attributes: {
      id: pipeline.id,
      iid: subject.iid,
      name: subject.name,
      ref: subject.ref,
      tag: subject.tag,
      sha: subject.sha,
      before_sha: subject.beforeSha,
      source: subject.source,
      status: pipeline.status,
      detailed_status: statusLabel(pipeline.status, warnings),
      stages: [...subject.stages],
      created_at: time(subject.createdAt),
      finished_at: time(pipeline.finishedAt),
      duration: pipeline.duration,
      queued_duration: pipeline.startedAt === null || queued === null ? null : Math.floor(queued),
      protected_ref: subject.protected,
      variables: subject.variables.map(({ key, value }) => ({ key, value })),
      url: `${projectPage(of)}/-/pipelines/${pipeline.id}`,
    },
    merge_request: null,
    user: userPart(subject.user),
    project: projectPart(of),
    commit:
      commit === null
        ? null
        : {
            id: subject.sha,
            message: commit.message,
            title: commit.title,
            timestamp: commit.committedDate,
            url: `${projectPage(of)}/-/commit/${subject.sha}`,
            author: { name: commit.authorName, email: commit.authorEmail },
          },
    builds: builds.flatMap((build) => {
      const known = subject.builds.get(build.id);
      return known === undefined ? [] : [buildPart(build, known, now)];
    }),
    ...sourcePart(subject.trigger, of.baseUrl),
  };
}

function buildPart(build: JobMoment, subject: BuildSubject, now: number) {
  return {
    id: build.id,
    stage: subject.stage,
    name: subject.name,
    status: build.status,
    created_at: time(subject.createdAt),
    started_at: time(build.startedAt),
    finished_at: time(build.finishedAt),
    duration: seconds(build.startedAt, build.finishedAt, now),
    queued_duration: seconds(build.queuedAt, build.startedAt ?? build.finishedAt, now),
    failure_reason: build.status === 'failed' ? (build.failureReason ?? 'unknown_failure') : null,
    when: subject.when,
    manual: subject.when === 'manual',
    allow_failure: build.allowFailure,
    user: userPart(subject.user),
    runner: runnerPart(subject.runner),
    artifacts_file: {
      filename: subject.archive?.filename ?? null,
      size: subject.archive?.size ?? null,
    },
    environment: environmentPart(subject.environment),
  };
}
