import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { Artifact } from '../../artifact/artifact.ts';
import type { JobView } from '../read/job-view.ts';
import { bridgeEntity, type JobContext, jobEntity } from './job.ts';

const NOW = Date.UTC(2026, 0, 2, 3, 4, 5, 678);
const CONTEXT: JobContext = {
  projectUrl: 'http://ci.example/g/p',
  baseUrl: 'http://ci.example',
  tokenScopeEnabled: false,
  now: NOW,
};
const SHA = 'a'.repeat(40);

/** A job that nothing has happened to, in a pipeline of nobody whose commit is gone. */
function view(job: Partial<JobView['job']> = {}, more: Partial<JobView> = {}): JobView {
  const bare: JobView['job'] = {
    id: 7,
    type: 'build',
    project_id: 1,
    definition_id: 1,
    name: 'build',
    status: 'created',
    allow_failure: 0,
    ref: 'main',
    tag: 0,
    failure_reason: null,
    coverage: null,
    artifacts_expire_at: null,
    created_at: NOW - 10_000,
    queued_at: null,
    started_at: null,
    finished_at: null,
    erased_at: null,
  };
  const times = { created_at: NOW - 10_000, updated_at: NOW };
  const pipeline = { id: 3, iid: 2, project_id: 1, sha: SHA, ref: 'main', status: 'created', source: 'push' };
  return {
    job: { ...bare, ...job },
    stage: 'test',
    pipeline: { ...pipeline, ...times },
    commit: null,
    user: null,
    runner: null,
    manager: null,
    tags: [],
    artifacts: [],
    archiveAge: null,
    runnerBusy: false,
    ...more,
  };
}

function archive(expireAt: number | null): Artifact {
  return {
    id: 1,
    projectId: 1,
    jobId: 7,
    type: 'archive',
    format: 'zip',
    filename: 'artifacts.zip',
    size: 3,
    sha256: '',
    storeKey: '',
    accessibility: 'public',
    locked: false,
    expireAt,
    createdAt: NOW,
  };
}

it('a job that nothing happened to, byte for byte', () => {
  const pipeline =
    `{"id":3,"iid":2,"project_id":1,"sha":"${SHA}","ref":"main","status":"created","source":"push",` +
    '"created_at":"2026-01-02T03:03:55.678Z","updated_at":"2026-01-02T03:04:05.678Z",' +
    '"web_url":"http://ci.example/g/p/-/pipelines/3"}';
  assert.equal(
    JSON.stringify(jobEntity(view(), CONTEXT)),
    '{"id":7,"status":"created","stage":"test","name":"build","ref":"main","tag":false,"coverage":null,' +
      '"allow_failure":false,"created_at":"2026-01-02T03:03:55.678Z","started_at":null,"finished_at":null,' +
      '"erased_at":null,"duration":null,"queued_duration":null,"user":null,"commit":null,' +
      `"pipeline":${pipeline},"web_url":"http://ci.example/g/p/-/jobs/7",` +
      '"project":{"ci_job_token_scope_enabled":false},"artifacts":[],"runner":null,"runner_manager":null,' +
      '"artifacts_expire_at":null,"archived":false,"source":"push","tag_list":[]}',
  );
});

it('a running job’s duration grows, a canceled one’s waiting too', () => {
  const running = jobEntity(
    view({ status: 'running', queued_at: NOW - 9000, started_at: NOW - 1500 }),
    CONTEXT,
  );
  assert.deepEqual([running.duration, running.queued_duration], [1.5, 7.5]);
  const canceled = jobEntity(
    view({ status: 'canceled', queued_at: NOW - 9000, finished_at: NOW - 4000 }),
    CONTEXT,
  );
  assert.deepEqual([canceled.duration, canceled.queued_duration], [null, 9]);
});

it('the reason of a failure is there for failed jobs alone', () => {
  const reasonOf = (status: string, failure_reason: string | null) =>
    'failure_reason' in jobEntity(view({ status, failure_reason }), CONTEXT);
  assert.equal(reasonOf('failed', 'script_failure'), true);
  assert.equal(reasonOf('failed', null), true);
  assert.equal(reasonOf('success', 'script_failure'), false);
});

it('the archive is a key of its own until it expires; the list of artifacts keeps it', () => {
  for (const [expireAt, shown] of [
    [null, true],
    [NOW + 1, true],
    [NOW, false],
  ] as const) {
    const entity = jobEntity(view({}, { artifacts: [archive(expireAt)] }), CONTEXT);
    assert.equal('artifacts_file' in entity, shown);
    assert.deepEqual(entity.artifacts, [
      { file_type: 'archive', size: 3, filename: 'artifacts.zip', file_format: 'zip' },
    ]);
  }
});

it('tags are sorted; a bridge shown as a job has the tag bridge and no runner manager', () => {
  assert.deepEqual(jobEntity(view({}, { tags: ['b', 'a'] }), CONTEXT).tag_list, ['a', 'b']);
  const bridge = jobEntity(view({ type: 'bridge' }), CONTEXT);
  assert.deepEqual(bridge.tag_list, ['bridge']);
  assert.equal('runner_manager' in bridge, false);
});

it('a bridge ends with what it started', () => {
  const keys = Object.keys(bridgeEntity(view({ type: 'bridge' }), CONTEXT, null));
  assert.deepEqual(keys.slice(-3), ['web_url', 'project', 'downstream_pipeline']);
});

it('what many jobs of an answer share is the same in each of them', () => {
  const one = view();
  const entities = [jobEntity(one, CONTEXT), jobEntity(view({}, { pipeline: one.pipeline }), CONTEXT)];
  assert.deepEqual(entities[0]!.pipeline, entities[1]!.pipeline);
});
