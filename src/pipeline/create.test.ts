import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { forEachEngine } from '../../test/databases.ts';
import { NO_SHA, NOW, PipelineWorld } from '../../test/pipeline-world.ts';
import { readRef } from '../git/refs.ts';
import { changeInstanceSettings, type InstanceSettings } from '../project/instance-settings.ts';
import type { CreateRequest, CreateResult } from './create.ts';
import { definitionById } from './job-definition.ts';
import { latestJobs } from './job-lookup.ts';

const PLAIN = 'job: {script: [echo hi]}\n';

forEachEngine('creating a pipeline', (openDatabase) => {
  let world: PipelineWorld;
  before(async () => {
    world = await PipelineWorld.open(await openDatabase());
  });
  after(() => world.close());

  async function pipelineRow(id: number) {
    return world.db.read.sql
      .selectFrom('pipelines')
      .selectAll()
      .where('id', '=', id)
      .executeTakeFirstOrThrow();
  }
  const countPipelines = async () =>
    (await world.db.read.sql.selectFrom('pipelines').select('id').execute()).length;
  const idOf = (result: CreateResult) => {
    assert.ok('pipelineId' in result, JSON.stringify(result));
    return result.pipelineId;
  };
  async function pushed(config: string, request: Partial<CreateRequest> = {}, message?: string) {
    const sha = await world.push({ '.gitlab-ci.yml': config }, message === undefined ? {} : { message });
    return world.create({ sha, ...request });
  }
  async function jobNames(config: string) {
    return (await jobsOf(config)).map(({ name }) => name);
  }
  async function jobsOf(config: string, request: Partial<CreateRequest> = {}) {
    return latestJobs(world.db.read, idOf(await pushed(config, request)));
  }

  describe('a push with a configuration', () => {
    it('is stored with its commit, stages, jobs and needs, and set going', async () => {
      const sha = await world.push(
        {
          '.gitlab-ci.yml': `
stages: [build, test]
workflow: {name: 'Pipeline of $CI_COMMIT_BRANCH'}
variables: {ROOT: r}
compile: {stage: build, script: [make], tags: ['$ROOT-tag', docker]}
unit: {stage: test, script: [make test], needs: [compile], interruptible: true}
ship: {stage: test, script: [ship], when: manual, resource_group: 'deploy-$ROOT', environment: {name: 'review/$CI_COMMIT_REF_SLUG'}}
`,
        },
        { message: 'A title\n\nA body' },
      );
      const result = await world.create({ sha, beforeSha: NO_SHA });
      assert.equal(result.kind, 'created');
      const id = idOf(result);
      const row = await pipelineRow(id);
      assert.deepEqual(
        [
          row.status,
          row.sha,
          row.ref,
          row.tag,
          row.source,
          row.name,
          row.protected,
          row.unprocessed,
          row.iid,
        ],
        ['pending', sha, 'main', 0, 'push', 'Pipeline of main', 1, 0, 1],
      );
      assert.equal(await readRef(world.repositories.path(world.project.id), `refs/pipelines/${id}`), sha);
      const jobs = await latestJobs(world.db.read, id);
      assert.deepEqual(
        jobs.map(
          ({ name, status, when, allowFailure, schedulingType, stageIndex, interruptible, environment }) => ({
            name,
            status,
            when,
            allowFailure,
            schedulingType,
            stageIndex,
            interruptible,
            environment,
          }),
        ),
        [
          {
            name: 'compile',
            status: 'pending',
            when: 'on_success',
            allowFailure: false,
            schedulingType: 'stage',
            stageIndex: 1,
            interruptible: false,
            environment: null,
          },
          {
            name: 'unit',
            status: 'created',
            when: 'on_success',
            allowFailure: false,
            schedulingType: 'dag',
            stageIndex: 2,
            interruptible: true,
            environment: null,
          },
          {
            name: 'ship',
            status: 'created',
            when: 'manual',
            allowFailure: true,
            schedulingType: 'stage',
            stageIndex: 2,
            interruptible: false,
            environment: 'review/main',
          },
        ],
      );
      const definition = await definitionById(world.db.read, jobs[0]!.definitionId);
      assert.equal(definition.type, 'build');
      assert.deepEqual(definition.type === 'build' && definition.tagList, ['r-tag', 'docker']);
      assert.deepEqual(definition.variables, [{ key: 'ROOT', value: 'r', raw: false }]);
      const commit = await world.db.read.sql
        .selectFrom('commits')
        .selectAll()
        .where('sha', '=', sha)
        .executeTakeFirstOrThrow();
      assert.deepEqual(
        [commit.title, commit.message.trim(), commit.id],
        ['A title', 'A title\n\nA body', row.commit_id],
      );
      const needs = await world.db.read.sql
        .selectFrom('job_needs')
        .selectAll()
        .where('pipeline_id', '=', id)
        .execute();
      assert.deepEqual(
        needs.map((need) => ({ ...need })),
        [{ job_id: jobs[1]!.id, pipeline_id: id, name: 'compile', artifacts: 1, optional: 0 }],
      );
      const groups = await world.db.read.sql.selectFrom('resource_groups').select('key').execute();
      assert.deepEqual(
        groups.map(({ key }) => key),
        ['deploy-r'],
      );
    });

    it('shares the definitions of jobs that say the same in another order', async () => {
      const jobs = await jobsOf(`
one: {script: [make], tags: [a], retry: {max: 1, when: always}, artifacts: {paths: [out], expire_in: 1 day}}
two: {artifacts: {expire_in: 1 day, paths: [out]}, retry: {when: always, max: 1}, tags: [a], script: [make]}
`);
      assert.equal(new Set(jobs.map(({ definitionId }) => definitionId)).size, 1);
    });

    it('shares the definitions of an equal pipeline', async () => {
      const config = 'a: {script: [one], variables: {B: 2, A: 1}}\nb: {script: [two], stage: deploy}\n';
      const first = await jobsOf(config);
      const second = await jobsOf(config);
      assert.deepEqual(
        second.map(({ definitionId }) => definitionId),
        first.map(({ definitionId }) => definitionId),
      );
      assert.notDeepEqual(second[0]!.id, first[0]!.id);
    });

    it('counts iids per project without a gap', async () => {
      const first = await pipelineRow(idOf(await pushed(PLAIN)));
      const second = await pipelineRow(idOf(await pushed(PLAIN)));
      assert.equal(second.iid, first.iid + 1);
    });

    it('stores jobs by stage, whatever their order in the file', async () => {
      const jobs = await jobsOf(
        'c: {stage: deploy, script: [x]}\nb: {stage: test, script: [x]}\na: {stage: build, script: [x]}\n',
      );
      assert.deepEqual(
        jobs.map(({ name }) => name),
        ['a', 'b', 'c'],
      );
      assert.deepEqual(
        jobs.map(({ id }) => id),
        jobs.map(({ id }) => id).toSorted((a, b) => a - b),
      );
    });
  });

  describe('what is refused leaves nothing behind (ci-yaml 21)', () => {
    const message = (result: CreateResult) => (result.kind === 'refused' ? result.message : result.kind);
    async function refused(request: Partial<CreateRequest>) {
      const before = await countPipelines();
      const result = await world.create(request);
      assert.equal(await countPipelines(), before);
      return message(result);
    }

    it('a project without CI', async () => {
      await world.changeProject({ buildsAccessLevel: 'disabled' });
      assert.equal(await refused({}), 'Pipelines are disabled!');
      await world.changeProject({ buildsAccessLevel: 'enabled' });
    });
    it('a user without rights, a reporter, a blocked one', async () => {
      const stranger = await world.addUser('stranger');
      const reporter = await world.addUser('reporter');
      await world.addMember(reporter, 20);
      const text = 'Insufficient permissions to create a new pipeline';
      assert.equal(await refused({ user: stranger }), text);
      assert.equal(await refused({ user: reporter }), text);
      assert.equal(await refused({ user: { ...world.user, state: 'blocked' } }), text);
    });
    it('a developer on a protected tag', async () => {
      const developer = await world.addUser('developer');
      await world.addMember(developer, 30);
      await world.push({ '.gitlab-ci.yml': PLAIN }, { ref: 'refs/tags/v1' });
      await world.db.transaction(async (tx) => {
        const id = await tx.sql
          .insertInto('protected_refs')
          .values({
            project_id: world.project.id,
            kind: 'tag',
            name: 'v*',
            allow_force_push: 0,
            created_at: NOW,
            updated_at: NOW,
          })
          .returning('id')
          .executeTakeFirstOrThrow();
        await tx.sql
          .insertInto('protected_ref_access')
          .values({ protected_ref_id: id.id, action: 'create', access_level: 40 })
          .execute();
      });
      for (const source of [
        'push',
        'api',
        'web',
        'trigger',
        'schedule',
        'parent_pipeline',
        'pipeline',
      ] as const) {
        assert.equal(
          await refused({ user: developer, ref: 'refs/tags/v1', source }),
          "You do not have sufficient permission to run a pipeline on 'v1'. Please select a different branch or contact your administrator for assistance.",
        );
      }
      assert.equal((await world.create({ ref: 'refs/tags/v1' })).kind, 'created');
    });
    it('an unknown ref, an unknown commit, an ambiguous ref', async () => {
      assert.equal(await refused({ ref: 'refs/heads/nowhere' }), 'Reference not found');
      assert.equal(await refused({ ref: 'main~1' }), 'Reference not found');
      assert.equal(await refused({ sha: 'f'.repeat(40) }), 'Commit not found');
      await world.push({ '.gitlab-ci.yml': PLAIN }, { ref: 'refs/heads/both' });
      await world.push({ '.gitlab-ci.yml': PLAIN }, { ref: 'refs/tags/both' });
      assert.equal(await refused({ ref: 'both' }), 'Ref is ambiguous');
      assert.equal((await world.create({ ref: 'refs/heads/both' })).kind, 'created');
    });
    it('variables of somebody who may not set them', async () => {
      await world.changeProject({ ciPipelineVariablesMinimumOverrideRole: 'no_one_allowed' });
      const variables = [{ key: 'A', value: '1' }];
      assert.equal(
        await refused({ variables, source: 'api' }),
        'Insufficient permissions to set pipeline variables',
      );
      assert.equal((await world.create({ variables, source: 'schedule' })).kind, 'created');
      await world.changeProject({ ciPipelineVariablesMinimumOverrideRole: 'developer' });
    });
    it('no configuration', async () => {
      await world.changeProject({ ciConfigPath: 'not/there.yml' });
      assert.equal(await refused({}), 'Missing CI config file');
      await world.changeProject({ ciConfigPath: null });
    });
    it('a workflow that says no', async () => {
      await world.push({ '.gitlab-ci.yml': `workflow: {rules: [{if: $CI_COMMIT_TAG}]}\n${PLAIN}` });
      assert.equal(
        await refused({}),
        'The pipeline did not run. Review the workflow:rules configuration for the pipeline.',
      );
    });
    it('no job left, or only in .pre and .post', async () => {
      const text =
        'The resulting pipeline would have been empty. Review the rules configuration for the relevant jobs.';
      await world.push({ '.gitlab-ci.yml': 'job: {script: [x], rules: [{if: $NOPE}]}\n' });
      assert.equal(await refused({}), text);
      await world.push({
        '.gitlab-ci.yml': 'job: {script: [x], stage: .pre}\nlast: {script: [x], stage: .post}\n',
      });
      assert.equal(await refused({}), text);
    });
    it('more pipelines a minute for one commit than the instance allows', async () => {
      const limit = (value: number) =>
        world.db.transaction((tx) =>
          changeInstanceSettings(tx, { pipeline_limit_per_project_user_sha: value }),
        );
      await limit(3);
      const sha = await world.push({ '.gitlab-ci.yml': PLAIN }, { message: 'popular' });
      for (let count = 0; count < 3; count++) assert.equal((await world.create({ sha })).kind, 'created');
      assert.equal(await refused({ sha }), 'Too many pipelines created in the last minute. Try again later.');
      world.now += 61_000;
      assert.equal((await world.create({ sha })).kind, 'created');
      await limit(0);
    });
    it('errors of an API call, which a push keeps as a failed pipeline', async () => {
      await world.push({ '.gitlab-ci.yml': 'job: {stage: nowhere, script: [x]}\n' });
      assert.equal(
        await refused({ source: 'api', saveOnErrors: false }),
        'job job: chosen stage nowhere does not exist; available stages are .pre, build, test, deploy, .post',
      );
    });
  });

  describe('what is kept as a failed pipeline (ci-yaml 21)', () => {
    const missing = (job: string, need: string) =>
      `'${job}' job needs '${need}' job, but '${need}' does not exist in the pipeline. This might be because of the only, except, or rules keywords. To need a job that sometimes does not exist in the pipeline, use needs:optional.`;
    const rows: { name: string; config: string; error: string }[] = [
      {
        name: 'a structural error',
        config: 'job: {script: 5}\n',
        error: 'jobs:job:script config should be a string or a nested array of strings up to 10 levels deep',
      },
      {
        name: 'a rule that cannot be read',
        config: 'job: {script: [x], rules: [{changes: {paths: [a], compare_to: gone}}]}\n',
        error: 'Failed to parse rule for job: rules:changes:compare_to is not a valid ref',
      },
      {
        name: 'needed jobs that are absent',
        config:
          'a: {script: [x], rules: [{if: $NOPE}]}\nb: {script: [x], needs: [a]}\nc: {script: [x], needs: [{job: a, optional: true}]}\nd: {script: [x], needs: [a, b]}\n',
        error: `${missing('b', 'a')}\n${missing('d', 'a')}`,
      },
      {
        name: 'too many needs',
        config: `${Array.from({ length: 51 }, (_, i) => `j${i}: {script: [x]}\n`).join('')}z: {script: [x], stage: deploy, needs: [${Array.from({ length: 51 }, (_, i) => `j${i}`).join(', ')}]}\n`,
        error:
          'z: one job can only need 50 others, but you have listed 51. See needs keyword documentation for more details',
      },
      {
        name: 'variables in a circle',
        config: 'job: {script: [x], variables: {A: $B, B: $A, C: $C}}\n',
        error: 'job: circular variable reference detected: ["A", "B"]',
      },
      {
        name: 'a remote include on this machine',
        config: 'include: {remote: "http://127.0.0.1:9/ci.yml"}\n',
        error: 'Remote file `http://127.0.0.1:9/ci.yml` could not be fetched because its address is blocked!',
      },
      {
        name: 'an include of a project that the user may not read',
        config: 'include: {project: no/such, file: /ci.yml}\n',
        error:
          'Project `no/such` not found or access denied! Make sure any includes in the pipeline configuration are correctly defined.',
      },
    ];
    for (const { name, config, error } of rows) {
      it(name, async () => {
        const result = await pushed(config);
        const row = await pipelineRow(idOf(result));
        assert.deepEqual(
          [result.kind, row.status, row.failure_reason, row.yaml_errors, row.unprocessed],
          ['failed', 'failed', 'config_error', error, 0],
        );
        assert.deepEqual(await latestJobs(world.db.read, row.id), []);
      });
    }
    const limits = (settings: Partial<InstanceSettings>) =>
      world.db.transaction((tx) => changeInstanceSettings(tx, settings));
    it('more jobs than a pipeline may have, or than a project may have under way', async () => {
      const config = 'a: {script: [x], parallel: 3}\n';
      const failed = async (text: string) => {
        const row = await pipelineRow(idOf(await pushed(config)));
        assert.deepEqual([row.status, row.yaml_errors, row.unprocessed], ['failed', null, 0]);
        assert.deepEqual(await latestJobs(world.db.read, row.id), []);
        const api = await world.create({ source: 'api', saveOnErrors: false });
        assert.ok(api.kind === 'refused' && api.message.startsWith(text), JSON.stringify(api));
        return row.failure_reason;
      };
      await limits({ ci_pipeline_size: 3 });
      assert.equal((await pushed(config)).kind, 'created', 'as many as may be');
      await limits({ ci_pipeline_size: 2 });
      assert.equal(await failed('The number of jobs has exceeded the limit of 2.'), 'size_limit_exceeded');
      const { count } = await world.db.read.sql
        .selectFrom('jobs')
        .innerJoin('pipelines', 'pipelines.id', 'jobs.pipeline_id')
        .where('jobs.retried', '=', 0)
        .where('pipelines.project_id', '=', world.project.id)
        .where('pipelines.status', 'in', ['created', 'pending', 'running'])
        .where('pipelines.created_at', '>', world.now - 24 * 3_600_000)
        .select((eb) => eb.fn.countAll<number>().as('count'))
        .executeTakeFirstOrThrow();
      await limits({ ci_pipeline_size: 0, ci_active_jobs: Number(count) + 2 });
      const text = 'Project exceeded the allowed number of jobs in active pipelines. Retry later.';
      assert.equal(await failed(text), 'job_activity_limit_exceeded');
      await limits({ ci_active_jobs: Number(count) + 3 });
      assert.equal((await pushed(config)).kind, 'created');
      await limits({ ci_active_jobs: 0 });
    });
    it('the same variable twice', async () => {
      const twice = [
        { key: 'A', value: '1' },
        { key: 'B', value: '1' },
        { key: 'A', value: '2' },
      ];
      const one = await pushed(PLAIN, { variables: twice });
      assert.equal((await pipelineRow(idOf(one))).yaml_errors, 'Duplicate variable name: A');
      const two = await pushed(PLAIN, { variables: [...twice, { key: 'B', value: '2' }] });
      assert.equal((await pipelineRow(idOf(two))).yaml_errors, 'Duplicate variable names: A, B');
    });
    it('with the position of the error, for the one who pushes', async () => {
      const result = await pushed('# comment\njob:\n  script: [x]\n  stage: 7\n');
      assert.equal(result.kind, 'failed');
      const [first] = result.kind === 'failed' ? result.messages : [];
      assert.deepEqual([first?.position?.file, first?.position?.line], ['.gitlab-ci.yml', 4]);
    });
  });

  describe('a push that asks for less', () => {
    for (const message of ['x [ci skip]', '[skip ci] x', 'x\n\n[CI-SKIP]', '[skip_ci]']) {
      it(`${JSON.stringify(message)} keeps a skipped pipeline without jobs`, async () => {
        const result = await pushed(PLAIN, {}, message);
        const row = await pipelineRow(idOf(result));
        assert.deepEqual([result.kind, row.status, row.unprocessed], ['skipped', 'skipped', 0]);
        assert.deepEqual(await latestJobs(world.db.read, row.id), []);
      });
    }
    it('other sources do not skip', async () => {
      const sha = await world.push({ '.gitlab-ci.yml': PLAIN }, { message: '[ci skip]' });
      for (const source of ['api', 'web', 'trigger', 'schedule', 'parent_pipeline', 'pipeline'] as const) {
        assert.equal((await world.create({ sha, source })).kind, 'created', source);
      }
    });
    it('push options skip, forbid, and give variables', async () => {
      await world.push({ '.gitlab-ci.yml': 'job: {script: [x], rules: [{if: $GREETING == "a=b c"}]}\n' });
      assert.equal((await world.create({ pushOptions: ['ci.skip'] })).kind, 'skipped');
      const before = await countPipelines();
      assert.equal((await world.create({ pushOptions: ['ci.no_pipeline'] })).kind, 'refused');
      assert.equal(await countPipelines(), before);
      assert.equal((await world.create({})).kind, 'refused');
      assert.equal((await world.create({ pushOptions: ['ci.variable="GREETING=a=b c"'] })).kind, 'created');
    });
  });

  describe('what rules see', () => {
    const names = async (config: string, request: Partial<CreateRequest> = {}) => {
      const result = await pushed(config, request);
      return result.kind === 'created'
        ? (await latestJobs(world.db.read, result.pipelineId)).map(({ name }) => name)
        : result.kind;
    };
    const rule = (expression: string) => `{script: [x], rules: [{if: '${expression}'}]}`;

    it('pipeline, project, job, user and given variables, but no ids', async () => {
      const config = `
variables: {LEVEL: root}
branch: ${rule('$CI_COMMIT_BRANCH == "main" && $CI_PIPELINE_SOURCE == "push" && $CI_DEFAULT_BRANCH == "main"')}
project: ${rule('$CI_PROJECT_PATH == "ada/app" && $CI_PROJECT_NAMESPACE == "ada"')}
job: ${rule('$CI_JOB_NAME == "job" && $CI_JOB_STAGE == "test" && $CI_NODE_TOTAL == "1"')}
user: ${rule('$GITLAB_USER_LOGIN == "ada"')}
given: ${rule('$GIVEN == "yes"')}
own: {script: [x], variables: {LEVEL: job}, rules: [{if: '$LEVEL == "job"'}]}
uninherited: {script: [x], inherit: {variables: false}, rules: [{if: '$LEVEL == null'}]}
ids: ${rule('$CI_JOB_ID || $CI_PIPELINE_ID || $CI_JOB_TOKEN || $CI_JOB_URL || $CI_RUNNER_ID')}
tag: ${rule('$CI_COMMIT_TAG')}
`;
      assert.deepEqual(await names(config, { variables: [{ key: 'GIVEN', value: 'yes' }] }), [
        'branch',
        'project',
        'job',
        'user',
        'given',
        'own',
        'uninherited',
      ]);
    });
    it('workflow rule variables, above the root and below the job', async () => {
      const config = `
workflow: {rules: [{if: '$CI_COMMIT_BRANCH && $CI_JOB_NAME == null', variables: {LEVEL: workflow}}]}
variables: {LEVEL: root}
a: ${rule('$LEVEL == "workflow"')}
b: {script: [x], variables: {LEVEL: job}, rules: [{if: '$LEVEL == "job"'}]}
`;
      assert.deepEqual(await names(config), ['a', 'b']);
    });
    it('secrets of the project, protected ones on protected refs only, scoped ones in their environment', async () => {
      const values = (key: string, more: object) => ({
        level: 'project',
        owner_id: world.project.id,
        key,
        encrypted_value: world.encryption.encrypt('s3cret'),
        variable_type: 'env_var',
        protected: 0,
        masked: 1,
        hidden: 0,
        raw: 0,
        environment_scope: '*',
        description: null,
        created_at: NOW,
        updated_at: NOW,
        ...more,
      });
      await world.db.transaction(async (tx) => {
        await tx.sql
          .insertInto('variables')
          .values([
            values('OPEN', {}),
            values('GUARDED', { protected: 1 }),
            values('SCOPED', { environment_scope: 'review/*' }),
          ])
          .execute();
      });
      const config = `
open: ${rule('$OPEN')}
guarded: ${rule('$GUARDED')}
scoped: {script: [x], environment: review/$CI_COMMIT_REF_SLUG, rules: [{if: $SCOPED}]}
unscoped: ${rule('$SCOPED')}
`;
      assert.deepEqual(await names(config), ['open', 'guarded', 'scoped']);
      const sha = await world.push({ '.gitlab-ci.yml': config }, { ref: 'refs/heads/feature' });
      const result = await world.create({ sha, ref: 'refs/heads/feature' });
      const jobs = await latestJobs(world.db.read, idOf(result));
      assert.deepEqual(
        jobs.map(({ name }) => name),
        ['open', 'scoped'],
      );
    });
    it('a given variable cannot pose as a trusted one', async () => {
      const config = `a: ${rule('$CI_PROJECT_ID == "666" || $CI_SERVER_HOST == "evil"')}\nb: {script: [x]}\n`;
      const variables = [
        { key: 'CI_PROJECT_ID', value: '666' },
        { key: 'CI_SERVER_HOST', value: 'evil' },
      ];
      assert.deepEqual(await names(config, { variables }), ['b']);
    });
    it('changed files of the push, and all of them when there is nothing to compare with', async () => {
      const config = 'a: {script: [x], rules: [{changes: [docs/**/*]}]}\nb: {script: [x]}\n';
      const base = await world.push({ '.gitlab-ci.yml': config, 'docs/a/b.md': 'one' }, { message: 'base' });
      const code = await world.push({ 'src/x': '1' }, { message: 'code' });
      const docs = await world.push({ 'docs/a/b.md': 'two' }, { message: 'docs' });
      const jobs = async (request: Partial<CreateRequest>) =>
        (await latestJobs(world.db.read, idOf(await world.create(request)))).map(({ name }) => name);
      assert.deepEqual(await jobs({ sha: code, beforeSha: base }), ['b']);
      assert.deepEqual(await jobs({ sha: docs, beforeSha: code }), ['a', 'b']);
      assert.deepEqual(await jobs({ sha: code, beforeSha: NO_SHA }), ['a', 'b']);
      assert.deepEqual(await jobs({ sha: code, source: 'api' }), ['a', 'b']);
      assert.deepEqual(await jobs({ sha: code, beforeSha: 'e'.repeat(40) }), ['a', 'b']);
    });
    it('files of the commit, local includes, and other projects that the user may read', async () => {
      const other = await world.addProject('shared');
      await world.push({ 'ci/base.yml': 'included: {script: [x]}\n', 'marker.txt': 'm' }, { project: other });
      const config = `
include: [{project: ada/shared, file: ci/base.yml}, {local: ci/local.yml}]
here: {script: [x], rules: [{exists: [ci/*.yml]}]}
nowhere: {script: [x], rules: [{exists: [ci/none.yml]}]}
there: {script: [x], rules: [{exists: {paths: [marker.txt], project: ada/shared}}]}
`;
      await world.push({ 'ci/local.yml': 'local: {script: [x]}\n' });
      assert.deepEqual(await names(config), ['included', 'local', 'here', 'there']);
      const developer = await world.addUser('outsider');
      await world.addMember(developer, 30);
      const result = await world.create({ user: developer });
      assert.equal((await pipelineRow(idOf(result))).status, 'failed');
    });
  });

  it('a component of this server is included at a version, a tag, a branch or a commit', async () => {
    const library = await world.addProject('library');
    const component = (name: string) =>
      `spec: {inputs: {stage: {default: test}}, component: [name, version]}\n---\n${name}-$[[ component.version ]]: {stage: "$[[ inputs.stage ]]", script: [x]}\n`;
    const publish = (name: string, ref: string) =>
      world.push(
        { 'templates/one.yml': component(name), 'templates/two/template.yml': component('two') },
        { project: library, ref },
      );
    await publish('first', 'refs/tags/1.2.3');
    await publish('second', 'refs/tags/1.10.0');
    await publish('third', 'refs/tags/2.0.0-rc1');
    const sha = await publish('head', 'refs/heads/main');
    const included = (component: string) => jobNames(`include: [{component: ${component}}]\n`);
    const address = 'ci.test:8929/ada/library/one';
    assert.deepEqual(await included(`${address}@1.2.3`), ['first-1.2.3']);
    assert.deepEqual(await included(`${address}@1`), ['second-1.10.0']);
    assert.deepEqual(await included(`${address}@~latest`), ['second-1.10.0']);
    assert.deepEqual(await included(`${address}@main`), ['head-main']);
    assert.deepEqual(await included(`${address}@${sha}`), [`head-${sha}`]);
    assert.deepEqual(await included('$CI_SERVER_FQDN/ada/library/two@1'), ['two-1.10.0']);
    const absent = [
      'elsewhere.test/ada/library/one@1',
      `${address}@9`,
      `${address}x@1`,
      'ci.test/ada/none/one@1',
    ];
    for (const other of absent) {
      const refused = await pushed(`include: [{component: ${other}}]\n`);
      assert.equal(
        (await pipelineRow(idOf(refused))).yaml_errors,
        `Component '${other}' - content not found`,
      );
    }
    const outsider = await world.addUser('bystander');
    await world.addMember(outsider, 30);
    const refused = await pushed(`include: [{component: ${address}@1}]\n`, { user: outsider });
    assert.equal(
      (await pipelineRow(idOf(refused))).yaml_errors,
      `Component '${address}@1' - content not found`,
    );
  });

  it('a remote include is fetched from where the administrator lets it', async () => {
    let asked = 0;
    const remote = createServer((request, response) => {
      response.statusCode = request.url === '/missing.yml' ? 404 : ++asked < 3 ? 503 : 200;
      response.end('remote: {script: [x]}\n');
    });
    remote.listen(0, '127.0.0.1');
    await once(remote, 'listening');
    const base = `http://127.0.0.1:${(remote.address() as AddressInfo).port}`;
    const allow = (value: boolean) =>
      world.db.transaction((tx) =>
        changeInstanceSettings(tx, { allow_local_requests_from_web_hooks_and_services: value }),
      );
    try {
      await allow(true);
      const jobs = await jobsOf(`include: {remote: "${base}/ci.yml"}\n`);
      assert.deepEqual(
        jobs.map(({ name }) => name),
        ['remote'],
      );
      const missing = await pushed(`include: {remote: "${base}/missing.yml"}\n`);
      assert.equal(
        (await pipelineRow(idOf(missing))).yaml_errors,
        `Remote file \`${base}/missing.yml\` could not be fetched because of HTTP code \`404\` error!`,
      );
    } finally {
      await allow(false);
      remote.close();
    }
  });

  describe('around the storing', () => {
    it('a tag pipeline is a tag pipeline', async () => {
      await world.git.ok('tag', '-f', '-a', 'annotated', '-m', 'What is new');
      await world.git.ok(
        'push',
        '-q',
        '-f',
        world.repositories.path(world.project.id),
        'refs/tags/annotated',
      );
      const row = await pipelineRow(idOf(await world.create({ ref: 'refs/tags/annotated' })));
      assert.deepEqual([row.ref, row.tag, row.origin], ['annotated', 1, '{"tagMessage":"What is new"}']);
    });
    it('given variables are stored encrypted', async () => {
      const id = idOf(await pushed(PLAIN, { variables: [{ key: 'TOKEN', value: 'very-secret' }] }));
      const [stored] = await world.db.read.sql
        .selectFrom('pipeline_variables')
        .selectAll()
        .where('pipeline_id', '=', id)
        .execute();
      assert.equal(stored!.key, 'TOKEN');
      assert.doesNotMatch(stored!.encrypted_value, /very-secret/);
      assert.equal(world.encryption.decrypt(stored!.encrypted_value), 'very-secret');
    });
    it('settle runs in the storing transaction: when it throws, nothing is stored', async () => {
      const before = await countPipelines();
      const settle = async () => {
        throw new Error('settled elsewhere');
      };
      await assert.rejects(pushed(PLAIN, { settle }), /settled elsewhere/);
      assert.equal(await countPipelines(), before);
    });
    it('a dry run says what would be stored, and stores nothing', async () => {
      const before = await countPipelines();
      const result = await pushed('a: {script: [x]}\nb: {script: [x], rules: [{if: $NOPE}]}\n', {
        dryRun: true,
      });
      assert.equal(result.kind, 'dry_run');
      assert.deepEqual(result.kind === 'dry_run' && result.jobs.map(({ config }) => config.name), ['a']);
      assert.equal(await countPipelines(), before);
    });
    it('a configuration given with the request is used instead of the file', async () => {
      const result = await pushed(PLAIN, { config: 'child: {script: [x]}\n', source: 'parent_pipeline' });
      const jobs = await latestJobs(world.db.read, idOf(result));
      assert.deepEqual(
        jobs.map(({ name }) => name),
        ['child'],
      );
    });
    it('a newer pipeline cancels an older one of the ref', async () => {
      await world.changeProject({ autoCancelPendingPipelines: true });
      const older = idOf(await pushed(PLAIN));
      const newer = idOf(await pushed(PLAIN));
      const row = await pipelineRow(older);
      assert.deepEqual([row.status, row.auto_canceled_by_id], ['canceled', newer]);
    });
  });

  it('10,000 jobs are made, and others have their turns meanwhile', { timeout: 120_000 }, async () => {
    const config = `job: {script: [x], parallel: 200, rules: [{if: $CI_COMMIT_BRANCH}]}\n`;
    const many = Array.from({ length: 50 }, (_, i) => config.replace('job:', `job${i}:`)).join('');
    const sha = await world.push({ '.gitlab-ci.yml': many });
    let turns = 0;
    const timer = setInterval(() => void turns++, 1);
    const result = await world.create({ sha });
    clearInterval(timer);
    assert.equal((await latestJobs(world.db.read, idOf(result))).length, 10_000);
    assert.ok(turns > 20, `others had ${turns} turns`);
  });
});
