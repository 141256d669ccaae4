import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { forEachEngine } from '../../test/databases.ts';
import { NOW, PipelineWorld } from '../../test/pipeline-world.ts';
import { changeInstanceSettings, type InstanceSettings } from '../project/instance-settings.ts';
import type { CreateRequest, CreateResult } from './create.ts';

const PLAIN = 'job: {script: [echo hi]}\n';

forEachEngine('a pipeline that cannot run', (openDatabase) => {
  let world: PipelineWorld;
  before(async () => {
    world = await PipelineWorld.open(await openDatabase());
    await world.push({ '.gitlab-ci.yml': PLAIN });
  });
  after(() => world.close());

  describe('what is refused leaves nothing behind (ci-yaml 21)', () => {
    const message = (result: CreateResult) => (result.kind === 'refused' ? result.message : result.kind);
    async function refused(request: Partial<CreateRequest>) {
      const before = await world.countPipelines();
      const result = await world.create(request);
      assert.equal(await world.countPipelines(), before);
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
        const result = await world.pushConfig(config);
        const row = await world.row(result);
        assert.deepEqual(
          [result.kind, row.status, row.failure_reason, row.yaml_errors, row.unprocessed],
          ['failed', 'failed', 'config_error', error, 0],
        );
        assert.deepEqual(await world.jobs(row.id), []);
      });
    }
    const limits = (settings: Partial<InstanceSettings>) =>
      world.db.transaction((tx) => changeInstanceSettings(tx, settings));
    it('more jobs than a pipeline may have, or than a project may have under way', async () => {
      const config = 'a: {script: [x], parallel: 3}\n';
      const failed = async (text: string) => {
        const row = await world.row(await world.pushConfig(config));
        assert.deepEqual([row.status, row.yaml_errors, row.unprocessed], ['failed', null, 0]);
        assert.deepEqual(await world.jobs(row.id), []);
        const api = await world.create({ source: 'api', saveOnErrors: false });
        assert.ok(api.kind === 'refused' && api.message.startsWith(text), JSON.stringify(api));
        return row.failure_reason;
      };
      await limits({ ci_pipeline_size: 3 });
      assert.equal((await world.pushConfig(config)).kind, 'created', 'as many as may be');
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
      assert.equal((await world.pushConfig(config)).kind, 'created');
      await limits({ ci_active_jobs: 0 });
    });
    it('the same variable twice', async () => {
      const twice = [
        { key: 'A', value: '1' },
        { key: 'B', value: '1' },
        { key: 'A', value: '2' },
      ];
      const one = await world.pushConfig(PLAIN, { variables: twice });
      assert.equal((await world.row(one)).yaml_errors, 'Duplicate variable name: A');
      const two = await world.pushConfig(PLAIN, { variables: [...twice, { key: 'B', value: '2' }] });
      assert.equal((await world.row(two)).yaml_errors, 'Duplicate variable names: A, B');
    });
    it('with the position of the error, for the one who pushes', async () => {
      const result = await world.pushConfig('# comment\njob:\n  script: [x]\n  stage: 7\n');
      assert.equal(result.kind, 'failed');
      const [first] = result.kind === 'failed' ? result.messages : [];
      assert.deepEqual([first?.position?.file, first?.position?.line], ['.gitlab-ci.yml', 4]);
    });
  });
});
