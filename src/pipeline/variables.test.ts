import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { forEachEngine } from '../../test/databases.ts';
import { NOW, PipelineWorld } from '../../test/pipeline-world.ts';
import type { CreateRequest } from './create.ts';
import { dependenciesOf } from './dependencies.ts';
import { createEnvironment } from './environment.ts';
import { definitionById } from './job-definition.ts';
import { storeDotenv, storeManual } from './job-variables.ts';
import { jobVariables } from './variables.ts';

forEachEngine('variables of a job for its runner', (openDatabase) => {
  let world: PipelineWorld;
  before(async () => {
    world = await PipelineWorld.open(await openDatabase());
  });
  after(() => world.close());

  async function jobsOf(config: string, request: Partial<CreateRequest> = {}) {
    const result = await world.pushConfig(config, request, 'Fix $HOME\n\nThe body');
    assert.equal(result.kind, 'created');
    return world.jobs(result);
  }
  async function variablesOf(job: Awaited<ReturnType<typeof jobsOf>>[number]) {
    const definition = await definitionById(world.db.read, job.definitionId);
    assert.equal(definition.type, 'build');
    const build = definition as Extract<typeof definition, { type: 'build' }>;
    const { encryption, db } = world;
    const list = await jobVariables(
      { read: db.read, encryption },
      {
        job: { ...job, startedAt: NOW },
        definition: build,
        dependencies: await dependenciesOf(db.read, job, build),
        project: world.project,
        runner: { id: 5, description: 'a runner', tags: ['a', 'b'] },
        token: 'glcbt-secret',
        serverUrl: 'http://ci.test:8929',
      },
    );
    const byKey = new Map(list.map((variable) => [variable.key, variable]));
    assert.equal(byKey.size, list.length, 'one for each key');
    return byKey;
  }
  const shown = (value: string) => ({ value, public: true, masked: false });

  it('are everything that ci-yaml 13.3 names and the server knows', async () => {
    const [job] = await jobsOf(
      'job: {script: [x], environment: {name: review/$CI_COMMIT_BRANCH, url: "https://$DOMAIN"}}\n',
    );
    const variables = await variablesOf(job!);
    const expected: Record<string, string> = {
      CI: 'true',
      CI_API_V4_URL: 'http://ci.test:8929/api/v4',
      CI_COMMIT_AUTHOR: 'Ada <ada@example.com>',
      CI_COMMIT_BEFORE_SHA: '0'.repeat(40),
      CI_COMMIT_BRANCH: 'main',
      CI_COMMIT_DESCRIPTION: '\nThe body',
      CI_COMMIT_REF_NAME: 'main',
      CI_COMMIT_REF_PROTECTED: 'true',
      CI_COMMIT_REF_SLUG: 'main',
      CI_COMMIT_TITLE: 'Fix $HOME',
      CI_CONFIG_PATH: '.gitlab-ci.yml',
      CI_DEFAULT_BRANCH: 'main',
      CI_ENVIRONMENT_ACTION: 'start',
      CI_ENVIRONMENT_NAME: 'review/main',
      CI_ENVIRONMENT_TIER: 'development',
      CI_ENVIRONMENT_URL: 'https://$DOMAIN',
      CI_JOB_ID: String(job!.id),
      CI_JOB_NAME: 'job',
      CI_JOB_STAGE: 'test',
      CI_JOB_STARTED_AT: '2023-11-14T22:13:20Z',
      CI_JOB_URL: `http://ci.test:8929/ada/app/-/jobs/${job!.id}`,
      CI_NODE_TOTAL: '1',
      CI_PIPELINE_CREATED_AT: '2023-11-14T22:13:20Z',
      CI_PIPELINE_ID: String(job!.pipelineId),
      CI_PIPELINE_IID: '1',
      CI_PIPELINE_SOURCE: 'push',
      CI_PIPELINE_URL: `http://ci.test:8929/ada/app/-/pipelines/${job!.pipelineId}`,
      CI_PROJECT_ID: String(world.project.id),
      CI_PROJECT_NAME: 'app',
      CI_PROJECT_NAMESPACE: 'ada',
      CI_PROJECT_PATH: 'ada/app',
      CI_PROJECT_PATH_SLUG: 'ada-app',
      CI_PROJECT_ROOT_NAMESPACE: 'ada',
      CI_PROJECT_URL: 'http://ci.test:8929/ada/app',
      CI_PROJECT_VISIBILITY: 'private',
      CI_RUNNER_DESCRIPTION: 'a runner',
      CI_RUNNER_ID: '5',
      CI_RUNNER_TAGS: '["a", "b"]',
      CI_SERVER_FQDN: 'ci.test:8929',
      CI_SERVER_HOST: 'ci.test',
      CI_SERVER_PORT: '8929',
      CI_SERVER_PROTOCOL: 'http',
      CI_SERVER_URL: 'http://ci.test:8929',
      GITLAB_CI: 'true',
      GITLAB_USER_EMAIL: 'ada@example.com',
      GITLAB_USER_ID: String(world.user.id),
      GITLAB_USER_LOGIN: 'ada',
    };
    const got = Object.fromEntries(Object.keys(expected).map((key) => [key, variables.get(key)?.value]));
    assert.deepEqual(got, expected);
    assert.equal(variables.has('CI_COMMIT_TAG'), false);
    assert.equal(variables.get('CI_COMMIT_SHORT_SHA')?.value.length, 8);
    assert.match(
      variables.get('CI_COMMIT_TIMESTAMP')!.value,
      /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:Z|[+-]\d\d:\d\d)$/,
    );
    assert.equal([...variables.keys()].at(-1), 'CI_ENVIRONMENT_URL');
  });

  it('hide and mask what is secret, and mark raw what must not be expanded', async () => {
    const [job] = await jobsOf('job: {script: [x]}\n');
    const variables = await variablesOf(job!);
    const { key: _, ...token } = variables.get('CI_JOB_TOKEN')!;
    assert.deepEqual(token, { value: 'glcbt-secret', public: false, masked: true });
    const { key: __, ...url } = variables.get('CI_REPOSITORY_URL')!;
    assert.deepEqual(url, {
      value: 'http://gitlab-ci-token:glcbt-secret@ci.test:8929/ada/app.git',
      public: false,
      masked: false,
    });
    const { key: ___, ...message } = variables.get('CI_COMMIT_MESSAGE')!;
    assert.deepEqual(message, { ...shown('Fix $HOME\n\nThe body\n'), raw: true });
  });

  it('are expanded, but for what only the runner knows', async () => {
    const [job] = await jobsOf(
      `
variables: {A: '$CI_PROJECT_NAME-$B', B: 'b-$UNKNOWN', LITERAL: {value: '$A', expand: false}}
job: {script: [x], variables: {C: '$LITERAL $F $A'}}
`,
      { variables: [{ key: 'F', value: 'content', file: true }] },
    );
    const variables = await variablesOf(job!);
    assert.equal(variables.get('A')?.value, 'app-b-$UNKNOWN');
    assert.deepEqual(variables.get('LITERAL'), { key: 'LITERAL', ...shown('$A'), raw: true });
    assert.equal(variables.get('C')?.value, '$LITERAL $F app-b-$UNKNOWN');
    assert.deepEqual(variables.get('F'), {
      key: 'F',
      value: 'content',
      public: false,
      masked: false,
      file: true,
    });
  });

  it('include those given at play and those of needed jobs, with their precedence', async () => {
    const jobs = await jobsOf(
      `
first: {stage: build, script: [x]}
second: {stage: build, script: [x]}
after: {script: [x], variables: {V: yaml, W: yaml, X: yaml}}
free: {script: [x], needs: []}
`,
      { variables: [{ key: 'X', value: 'given' }] },
    );
    const [first, second, later, free] = jobs;
    await world.db.transaction(async (tx) => {
      await storeDotenv(tx, world.encryption, first!.id, [
        { key: 'V', value: 'first' },
        { key: 'CI_JOB_NAME', value: 'stolen' },
        { key: 'CI_JOB_TOKEN', value: 'stolen' },
      ]);
      await storeDotenv(tx, world.encryption, second!.id, [
        { key: 'V', value: 'second of $CI_JOB_NAME in $HOME' },
      ]);
      await storeManual(tx, world.encryption, later!.id, [
        { key: 'W', value: 'manual' },
        { key: 'CI_JOB_ID', value: '666' },
      ]);
    });
    const variables = await variablesOf(later!);
    const value = (key: string) => variables.get(key)?.value;
    assert.deepEqual([value('V'), value('W'), value('X')], ['second of after in $HOME', 'manual', 'given']);
    assert.deepEqual(
      [value('CI_JOB_NAME'), value('CI_JOB_TOKEN'), value('CI_JOB_ID')],
      ['after', 'glcbt-secret', String(later!.id)],
    );
    assert.equal((await variablesOf(free!)).has('V'), false);
  });

  it('tell of the environment as it is stored, and its address where the job has none', async () => {
    const { db, project } = world;
    const made = await db.transaction((tx) =>
      createEnvironment(
        tx,
        project.id,
        { name: 'Prod/eu', tier: 'other', externalUrl: 'https://eu.test' },
        NOW,
      ),
    );
    assert.ok(made.ok);
    const [stop, start] = await jobsOf(`
stop: {script: [x], environment: {name: Prod/eu, action: stop}}
start: {script: [x], environment: {name: Prod/eu, deployment_tier: staging, url: "https://$HOST"}}
`);
    const about = async (job: typeof stop) => {
      const variables = await variablesOf(job!);
      return ['ID', 'NAME', 'SLUG', 'ACTION', 'TIER', 'URL'].map(
        (name) => variables.get(`CI_ENVIRONMENT_${name}`)?.value,
      );
    };
    const { id, slug } = made.environment;
    assert.deepEqual(await about(stop), [String(id), 'Prod/eu', slug, 'stop', 'other', 'https://eu.test']);
    assert.deepEqual(await about(start), [String(id), 'Prod/eu', slug, 'start', 'staging', 'https://$HOST']);
  });

  describe('parallel jobs', () => {
    it('know their place', async () => {
      const jobs = await jobsOf('job: {script: [x], parallel: 3}\n');
      const places: unknown[] = [];
      for (const job of jobs) {
        const variables = await variablesOf(job);
        places.push(
          ['CI_JOB_NAME', 'CI_NODE_INDEX', 'CI_NODE_TOTAL', 'CI_JOB_GROUP_NAME'].map(
            (key) => variables.get(key)?.value,
          ),
        );
      }
      assert.deepEqual(places, [
        ['job 1/3', '1', '3', 'job'],
        ['job 2/3', '2', '3', 'job'],
        ['job 3/3', '3', '3', 'job'],
      ]);
    });
  });
});
