import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { Namespace } from '../../project/namespace.ts';
import type { Project } from '../../project/project.ts';
import type { User } from '../../project/user.ts';
import type { JobFacts, PipelineFacts } from './facts.ts';
import { type JobSubject, jobPayload } from './job-payload.ts';
import { type PipelineSubject, pipelinePayload } from './pipeline-payload.ts';

const T = Date.UTC(2026, 0, 2, 3, 4, 5, 678);
const of = {
  baseUrl: 'https://ci.example.com',
  namespaces: [{ name: 'Team' }, { name: 'Inner Team' }] as Namespace[],
  project: {
    id: 7,
    name: 'My App',
    description: 'What it does',
    fullPath: 'team/inner/app',
    visibility: 'internal',
    defaultBranch: 'main',
    ciConfigPath: null,
  } as Project,
};
const user = { id: 3, name: 'A Person', username: 'person', publicEmail: '' } as User;
const open = { ...user, id: 4, username: 'open', publicEmail: 'open@example.com' };
const runner = { id: 9, description: 'box', runnerType: 'instance_type', paused: false, tags: ['a', 'b'] };
const SHA = 'a'.repeat(40);
const ZERO = '0'.repeat(40);

const jobFacts: JobFacts = {
  kind: 'job',
  job: {
    id: 11,
    status: 'running',
    startedAt: T + 2500,
    finishedAt: null,
    queuedAt: T + 1000,
    runnerId: 9,
    failureReason: null,
    allowFailure: false,
  },
  pipeline: { id: 5, status: 'running', startedAt: T + 2500, finishedAt: null, duration: null },
};
const jobSubject: JobSubject = {
  name: 'deploy',
  stage: 'release',
  ref: 'main',
  tag: false,
  createdAt: T,
  retriesCount: 1,
  user,
  runner,
  environment: { name: 'production', action: 'start', tier: 'production' },
  pipeline: { name: 'Nightly', sha: SHA, beforeSha: ZERO },
  commit: { message: 'A change\n', authorName: 'An Author', authorEmail: 'author@example.com' },
  author: null,
  source: null,
};

const PROJECT = {
  id: 7,
  name: 'My App',
  description: 'What it does',
  web_url: 'https://ci.example.com/team/inner/app',
  avatar_url: null,
  git_ssh_url: 'git@ci.example.com:team/inner/app.git',
  git_http_url: 'https://ci.example.com/team/inner/app.git',
  namespace: 'Inner Team',
  visibility_level: 10,
  path_with_namespace: 'team/inner/app',
  default_branch: 'main',
  ci_config_path: null,
};
const RUNNER = {
  id: 9,
  description: 'box',
  runner_type: 'instance_type',
  active: true,
  is_shared: true,
  tags: ['a', 'b'],
};
const USER = { id: 3, name: 'A Person', username: 'person', avatar_url: null, email: '[REDACTED]' };
const ENVIRONMENT = { name: 'production', action: 'start', deployment_tier: 'production' };

/** Texts are compared, so that the order of keys counts too. */
const same = (actual: unknown, expected: unknown) =>
  assert.equal(JSON.stringify(actual, null, 1), JSON.stringify(expected, null, 1));

it('a job event has every key in order', () => {
  same(jobPayload(jobFacts, jobSubject, of, T + 4000), {
    object_kind: 'build',
    ref: 'main',
    tag: false,
    before_sha: ZERO,
    sha: SHA,
    build_id: 11,
    build_name: 'deploy',
    build_stage: 'release',
    build_status: 'running',
    build_created_at: '2026-01-02T03:04:05.678Z',
    build_created_at_iso: '2026-01-02T03:04:05Z',
    build_started_at: '2026-01-02T03:04:08.178Z',
    build_started_at_iso: '2026-01-02T03:04:08Z',
    build_finished_at: null,
    build_finished_at_iso: null,
    build_duration: 1.5,
    build_queued_duration: 1.5,
    build_allow_failure: false,
    build_failure_reason: 'unknown_failure',
    pipeline_id: 5,
    runner: RUNNER,
    project_id: 7,
    project_name: 'Team / Inner Team / My App',
    user: USER,
    commit: {
      id: 5,
      name: 'Nightly',
      sha: SHA,
      message: 'A change\n',
      author_name: 'An Author',
      author_email: 'author@example.com',
      author_url: 'mailto:author@example.com',
      status: 'running',
      duration: null,
      started_at: '2026-01-02T03:04:08.178Z',
      started_at_iso: '2026-01-02T03:04:08Z',
      finished_at: null,
      finished_at_iso: null,
    },
    repository: {
      name: 'My App',
      url: 'git@ci.example.com:team/inner/app.git',
      description: 'What it does',
      homepage: 'https://ci.example.com/team/inner/app',
      git_http_url: 'https://ci.example.com/team/inner/app.git',
      git_ssh_url: 'git@ci.example.com:team/inner/app.git',
      visibility_level: 10,
    },
    project: PROJECT,
    environment: ENVIRONMENT,
    retries_count: 1,
  });
});

it('a job that waits has been queued until now, and one without runner, user and commit says so', () => {
  const waiting: JobFacts = {
    ...jobFacts,
    job: { ...jobFacts.job, status: 'failed', startedAt: null, runnerId: null, failureReason: 'stuck' },
  };
  const bare = { ...jobSubject, runner: null, user: null, commit: null, environment: null };
  const payload = jobPayload(waiting, bare, of, T + 4000);
  assert.equal(payload.build_duration, null);
  assert.equal(payload.build_queued_duration, 3);
  assert.equal(payload.build_failure_reason, 'stuck');
  assert.deepEqual([payload.runner, payload.user, payload.environment], [null, null, null]);
  assert.deepEqual([payload.commit.message, payload.commit.author_url], [null, null]);
});

it('a commit of somebody with an account leads to the profile, a public address is shown', () => {
  const payload = jobPayload(jobFacts, { ...jobSubject, user: open, author: open }, of, T);
  assert.equal(payload.commit.author_url, 'https://ci.example.com/open');
  assert.equal(payload.user?.email, 'open@example.com');
});

it('a downstream job tells of the pipeline above, before the number of retries', () => {
  const source = { project: of.project, jobId: 1, pipelineId: 2 };
  const payload = jobPayload(jobFacts, { ...jobSubject, source }, of, T);
  assert.deepEqual(Object.keys(payload).slice(-3), ['environment', 'source_pipeline', 'retries_count']);
});

const pipelineFacts: PipelineFacts = {
  kind: 'pipeline',
  pipeline: { id: 5, status: 'success', startedAt: T + 2500, finishedAt: T + 9500, duration: 7 },
  builds: [
    {
      ...jobFacts.job,
      status: 'failed',
      finishedAt: T + 9500,
      failureReason: 'script_failure',
      allowFailure: true,
    },
    { ...jobFacts.job, id: 12, status: 'manual', startedAt: null, queuedAt: null, runnerId: null },
  ],
};
const build = { name: 'test', stage: 'test', when: 'on_success', createdAt: T, user, environment: null };
const pipelineSubject: PipelineSubject = {
  iid: 2,
  name: null,
  ref: 'main',
  tag: false,
  sha: SHA,
  beforeSha: ZERO,
  source: 'push',
  protected: true,
  stages: ['test', 'release'],
  createdAt: T,
  variables: [{ key: 'A', value: 'b' }],
  user,
  commit: {
    message: 'A change\n',
    title: 'A change',
    committedDate: '2026-01-02T05:04:05.000+02:00',
    authorName: 'An Author',
    authorEmail: 'author@example.com',
  },
  builds: new Map([
    [11, { ...build, runner, archive: { filename: 'artifacts.zip', size: 12 } }],
    [12, { ...build, name: 'deploy', stage: 'release', when: 'manual', runner: null, archive: null }],
  ]),
  trigger: { project: of.project, jobId: 1, pipelineId: 2 },
};

it('a pipeline event has every key in order', () => {
  same(pipelinePayload(pipelineFacts, pipelineSubject, of, T + 9500), {
    object_kind: 'pipeline',
    object_attributes: {
      id: 5,
      iid: 2,
      name: null,
      ref: 'main',
      tag: false,
      sha: SHA,
      before_sha: ZERO,
      source: 'push',
      status: 'success',
      detailed_status: 'passed with warnings',
      stages: ['test', 'release'],
      created_at: '2026-01-02T03:04:05.678Z',
      finished_at: '2026-01-02T03:04:15.178Z',
      duration: 7,
      queued_duration: 2,
      protected_ref: true,
      variables: [{ key: 'A', value: 'b' }],
      url: 'https://ci.example.com/team/inner/app/-/pipelines/5',
    },
    merge_request: null,
    user: USER,
    project: PROJECT,
    commit: {
      id: SHA,
      message: 'A change\n',
      title: 'A change',
      timestamp: '2026-01-02T05:04:05.000+02:00',
      url: `https://ci.example.com/team/inner/app/-/commit/${SHA}`,
      author: { name: 'An Author', email: 'author@example.com' },
    },
    builds: [
      {
        id: 11,
        stage: 'test',
        name: 'test',
        status: 'failed',
        created_at: '2026-01-02T03:04:05.678Z',
        started_at: '2026-01-02T03:04:08.178Z',
        finished_at: '2026-01-02T03:04:15.178Z',
        duration: 7,
        queued_duration: 1.5,
        failure_reason: 'script_failure',
        when: 'on_success',
        manual: false,
        allow_failure: true,
        user: USER,
        runner: RUNNER,
        artifacts_file: { filename: 'artifacts.zip', size: 12 },
        environment: null,
      },
      {
        id: 12,
        stage: 'release',
        name: 'deploy',
        status: 'manual',
        created_at: '2026-01-02T03:04:05.678Z',
        started_at: null,
        finished_at: null,
        duration: null,
        queued_duration: null,
        failure_reason: null,
        when: 'manual',
        manual: true,
        allow_failure: false,
        user: USER,
        runner: null,
        artifacts_file: { filename: null, size: null },
        environment: null,
      },
    ],
    source_pipeline: {
      project: {
        id: 7,
        web_url: 'https://ci.example.com/team/inner/app',
        path_with_namespace: 'team/inner/app',
      },
      job_id: 1,
      pipeline_id: 2,
    },
  });
});

it('a pipeline that has not run has waited for no known time, and may have no commit', () => {
  const pipeline = { ...pipelineFacts.pipeline, status: 'waiting_for_resource', startedAt: null };
  const subject = { ...pipelineSubject, commit: null, user: null, trigger: null };
  const payload = pipelinePayload({ ...pipelineFacts, pipeline }, subject, of, T);
  assert.equal(payload.object_attributes.queued_duration, null);
  assert.equal(payload.object_attributes.detailed_status, 'waiting for resource');
  assert.deepEqual([payload.commit, payload.user], [null, null]);
  assert.equal('source_pipeline' in payload, false);
});
