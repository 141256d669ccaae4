import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { it } from 'node:test';
import { forEachEngine } from '../../test/databases.ts';
import { RunnerWorld } from '../../test/runner-world.ts';
import type { JobPayload } from './protocol.ts';

const CONFIG = `
compile:
  stage: build
  script: [make]
  artifacts: {paths: [dist/], name: out, expire_in: 1 week}
unit:
  stage: test
  image: {name: 'node:22', pull_policy: if-not-present}
  services: [{name: 'postgres:16', alias: db, variables: {POSTGRES_PASSWORD: x}}]
  hooks: {pre_get_sources_script: [echo before]}
  variables: {GREETING: {value: $literal, expand: false}, PLAIN: $CI_JOB_NAME}
  before_script: [npm ci]
  script: [npm test]
  after_script: [echo done $CI_JOB_STATUS]
  artifacts:
    name: out
    paths: [dist/]
    exclude: [dist/tmp]
    expire_in: 1 week
    reports: {junit: report.xml, coverage_report: {coverage_format: cobertura, path: c.xml}}
  cache: {key: npm, paths: [node_modules/], fallback_keys: [old]}
`;

/** The contract's example as types: every key of a job's payload, in the order in which it is sent (runner-api 3). */
const SHAPE = {
  id: 'number',
  token: 'string',
  allow_git_fetch: 'boolean',
  job_info: {
    id: 'number',
    name: 'string',
    stage: 'string',
    pipeline_id: 'number',
    project_id: 'number',
    project_name: 'string',
    project_full_path: 'string',
    namespace_id: 'number',
    root_namespace_id: 'number',
    organization_id: 'number',
    instance_id: 'string',
    instance_uuid: 'string',
    user_id: 'number',
    scoped_user_id: 'null',
    time_in_queue_seconds: 'number',
    project_jobs_running_on_instance_runners_count: 'string',
    queue_size: 'number',
    queue_depth: 'number',
  },
  git_info: {
    repo_url: 'string',
    repo_object_format: 'string',
    ref: 'string',
    sha: 'string',
    before_sha: 'string',
    ref_type: 'string',
    refspecs: ['string', 'string'],
    depth: 'number',
    protected: 'boolean',
  },
  runner_info: { timeout: 'number', runner_session_url: 'null' },
  inputs: [],
  steps: [
    {
      name: 'string',
      script: ['string', 'string'],
      timeout: 'number',
      when: 'string',
      allow_failure: 'boolean',
    },
    { name: 'string', script: ['string'], timeout: 'number', when: 'string', allow_failure: 'boolean' },
  ],
  hooks: [{ name: 'string', script: ['string'] }],
  image: { name: 'string', entrypoint: 'null', ports: [], executor_opts: {}, pull_policy: ['string'] },
  services: [
    {
      name: 'string',
      entrypoint: 'null',
      ports: [],
      executor_opts: {},
      pull_policy: 'null',
      alias: 'string',
      command: 'null',
      variables: [{ key: 'string', value: 'string' }],
    },
  ],
  artifacts: [
    {
      name: 'string',
      untracked: 'boolean',
      paths: ['string'],
      exclude: ['string'],
      when: 'string',
      expire_in: 'string',
      artifact_type: 'string',
      artifact_format: 'string',
    },
    ...[1, 2].map(() => ({
      name: 'string',
      paths: ['string'],
      when: 'string',
      expire_in: 'string',
      artifact_type: 'string',
      artifact_format: 'string',
    })),
  ],
  cache: [
    {
      key: 'string',
      untracked: 'boolean',
      paths: ['string'],
      policy: 'string',
      when: 'string',
      fallback_keys: ['string'],
    },
  ],
  credentials: [],
  dependencies: [
    { id: 'number', name: 'string', token: 'string', artifacts_file: { filename: 'string', size: 'number' } },
  ],
  features: { trace_sections: 'boolean', token_mask_prefixes: [], failure_reasons: Array(8).fill('string') },
};

function shapeOf(value: unknown): unknown {
  if (value === null) return 'null';
  if (Array.isArray(value)) return value.map(shapeOf);
  if (typeof value !== 'object') return typeof value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, shapeOf(item)]));
}

async function unitOf(world: RunnerWorld): Promise<{ compile: JobPayload; unit: JobPayload }> {
  await world.pipeline(CONFIG);
  const runner = await world.runner();
  const compile = await runner.take();
  const uploaded = await runner.upload(compile, { bytes: emptyZip() });
  assert.equal(uploaded.status, 201, uploaded.body);
  await runner.succeed(compile);
  return { compile: compile.payload, unit: (await runner.take()).payload };
}

/** The shortest zip: only its end. */
function emptyZip(): Buffer {
  return Buffer.concat([Buffer.from('PK\x05\x06', 'latin1'), Buffer.alloc(18)]);
}

forEachEngine('the payload of a job', (open) => {
  let world: RunnerWorld;
  let compile: JobPayload;
  let unit: JobPayload;

  it('has every key of the contract with its type, in its order', async () => {
    world = await RunnerWorld.open(await open());
    ({ compile, unit } = await unitOf(world));
    const { variables, ...rest } = unit;
    assert.deepEqual(shapeOf(rest), SHAPE);
    assert.deepEqual(Object.keys(rest), Object.keys(SHAPE));
    assert.ok(variables.every(({ key, value }) => typeof key === 'string' && typeof value === 'string'));
  });

  it('carries before_script and script as one step, and after_script that always runs', () => {
    assert.deepEqual(unit.steps, [
      {
        name: 'script',
        script: ['npm ci', 'npm test'],
        timeout: 3600,
        when: 'on_success',
        allow_failure: false,
      },
      {
        name: 'after_script',
        script: ['echo done $CI_JOB_STATUS'],
        timeout: 3600,
        when: 'always',
        allow_failure: true,
      },
    ]);
  });

  it('tells one token in all places, that of the running job', () => {
    assert.match(unit.token, /^glcbt-/);
    assert.notEqual(unit.token, compile.token);
    assert.equal(unit.dependencies[0]?.token, unit.token);
    assert.equal(new URL(unit.git_info.repo_url).password, unit.token);
    assert.equal(new URL(unit.git_info.repo_url).username, 'gitlab-ci-token');
    assert.deepEqual(
      unit.variables.find(({ key }) => key === 'CI_JOB_TOKEN'),
      { key: 'CI_JOB_TOKEN', value: unit.token, public: false, masked: true },
    );
  });

  it('names the archive of a job before it', () => {
    assert.deepEqual(unit.dependencies, [
      {
        id: compile.id,
        name: 'compile',
        token: unit.token,
        artifacts_file: { filename: 'artifacts.zip', size: 22 },
      },
    ]);
  });

  it('asks for the pipeline ref first, and for the branch', () => {
    const { pipeline_id: id } = unit.job_info;
    assert.deepEqual(unit.git_info.refspecs, [
      `+refs/pipelines/${id}:refs/pipelines/${id}`,
      '+refs/heads/main:refs/remotes/origin/main',
    ]);
    assert.equal(unit.git_info.depth, 20);
  });

  it('keeps caches of protected refs apart', () => {
    assert.deepEqual(unit.cache, [
      {
        key: 'npm-protected',
        untracked: false,
        paths: ['node_modules/'],
        policy: 'pull-push',
        when: 'on_success',
        fallback_keys: ['old-protected'],
      },
    ]);
  });

  it('makes keys of caches out of the files that patterns name', async () => {
    const other = await RunnerWorld.open(await open());
    const keys = [
      { files: ['**/lock'] },
      { files: ['*/lock', 'lock'], prefix: 'x' },
      { files: ['no/*', '[lck'] },
      { files_commits: ['b/*'] },
    ];
    const cache = keys.map((key) => ({ key, paths: ['p'] }));
    const files = { lock: 'top', 'a/lock': 'one', 'b/c/lock': 'two', 'b/lockfile': '' };
    const id = await other.pipeline(JSON.stringify({ job: { script: ['x'], cache } }), files);
    const { job_info: info, git_info: source, cache: caches } = (await (await other.runner()).take()).payload;
    assert.equal(info.pipeline_id, id);
    const sha1 = (text: string) => createHash('sha1').update(text).digest('hex');
    const digest = (...ids: string[]) => sha1(ids.sort().join('-'));
    const [top, one, two] = ['top', 'one', 'two'].map((text) => sha1(`blob ${text.length}\0${text}`));
    assert.deepEqual(
      caches.map(({ key }) => key.replace('-protected', '')),
      [
        `0_lock-${digest(one!, two!)}`,
        `x-${digest(one!, top!)}`,
        '2_*_[lck-default',
        `3_*-${digest(source.sha)}`,
      ],
    );
    await other.close();
  });

  it('lists the archive and then each report with its own name and format', () => {
    assert.deepEqual(
      unit.artifacts.map(({ name, artifact_type, artifact_format, when }) => [
        name,
        artifact_type,
        artifact_format,
        when,
      ]),
      [
        ['out', 'archive', 'zip', 'on_success'],
        ['junit.xml', 'junit', 'gzip', 'always'],
        ['cobertura-coverage.xml', 'cobertura', 'gzip', 'always'],
      ],
    );
  });

  it('marks a variable that is not expanded as raw', () => {
    const greeting = unit.variables.find(({ key }) => key === 'GREETING');
    assert.deepEqual(greeting, {
      key: 'GREETING',
      value: '$literal',
      public: true,
      masked: false,
      raw: true,
    });
  });

  it('never stores the token: only its digest, and only while the job runs', async () => {
    const jobs = await world.world.db.read.sql.selectFrom('jobs').selectAll().execute();
    assert.ok(!JSON.stringify(jobs).includes(unit.token));
    const digest = (id: number) => jobs.find((job) => job.id === id)?.token_digest;
    assert.match(String(digest(unit.id)), /^[0-9a-f]{64}$/);
    assert.equal(digest(compile.id), null);
    await world.close();
  });
});
