import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { forEachEngine } from '../../test/databases.ts';
import { idOf, NO_SHA, PipelineWorld } from '../../test/pipeline-world.ts';
import { readRef } from '../git/refs.ts';
import { definitionById } from './job-definition.ts';

const PLAIN = 'job: {script: [echo hi]}\n';

forEachEngine('creating a pipeline', (openDatabase) => {
  let world: PipelineWorld;
  before(async () => {
    world = await PipelineWorld.open(await openDatabase());
  });
  after(() => world.close());

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
      const row = await world.row(id);
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
      const jobs = await world.jobs(id);
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
      const jobs = await world.jobs(
        await world.pushConfig(`
one: {script: [make], tags: [a], retry: {max: 1, when: always}, artifacts: {paths: [out], expire_in: 1 day}}
two: {artifacts: {expire_in: 1 day, paths: [out]}, retry: {when: always, max: 1}, tags: [a], script: [make]}
`),
      );
      assert.equal(new Set(jobs.map(({ definitionId }) => definitionId)).size, 1);
    });

    it('shares the definitions of an equal pipeline', async () => {
      const config = 'a: {script: [one], variables: {B: 2, A: 1}}\nb: {script: [two], stage: deploy}\n';
      const first = await world.jobs(await world.pushConfig(config));
      const second = await world.jobs(await world.pushConfig(config));
      assert.deepEqual(
        second.map(({ definitionId }) => definitionId),
        first.map(({ definitionId }) => definitionId),
      );
      assert.notDeepEqual(second[0]!.id, first[0]!.id);
    });

    it('counts iids per project without a gap', async () => {
      const first = await world.row(await world.pushConfig(PLAIN));
      const second = await world.row(await world.pushConfig(PLAIN));
      assert.equal(second.iid, first.iid + 1);
    });

    it('stores jobs by stage, whatever their order in the file', async () => {
      const jobs = await world.jobs(
        await world.pushConfig(
          'c: {stage: deploy, script: [x]}\nb: {stage: test, script: [x]}\na: {stage: build, script: [x]}\n',
        ),
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

  describe('a push that asks for less', () => {
    for (const message of ['x [ci skip]', '[skip ci] x', 'x\n\n[CI-SKIP]', '[skip_ci]']) {
      it(`${JSON.stringify(message)} keeps a skipped pipeline without jobs`, async () => {
        const result = await world.pushConfig(PLAIN, {}, message);
        const row = await world.row(result);
        assert.deepEqual([result.kind, row.status, row.unprocessed], ['skipped', 'skipped', 0]);
        assert.deepEqual(await world.jobs(row.id), []);
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
      const before = await world.countPipelines();
      assert.equal((await world.create({ pushOptions: ['ci.no_pipeline'] })).kind, 'refused');
      assert.equal(await world.countPipelines(), before);
      assert.equal((await world.create({})).kind, 'refused');
      assert.equal((await world.create({ pushOptions: ['ci.variable="GREETING=a=b c"'] })).kind, 'created');
    });
  });

  describe('around the storing', () => {
    it('a tag pipeline is a tag pipeline', async () => {
      await world.push({ '.gitlab-ci.yml': PLAIN });
      await world.git.ok('tag', '-f', '-a', 'annotated', '-m', 'What is new');
      await world.git.ok(
        'push',
        '-q',
        '-f',
        world.repositories.path(world.project.id),
        'refs/tags/annotated',
      );
      const row = await world.row(await world.create({ ref: 'refs/tags/annotated' }));
      assert.deepEqual([row.ref, row.tag, row.origin], ['annotated', 1, '{"tagMessage":"What is new"}']);
    });
    it('given variables are stored encrypted', async () => {
      const id = idOf(await world.pushConfig(PLAIN, { variables: [{ key: 'TOKEN', value: 'very-secret' }] }));
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
      const before = await world.countPipelines();
      const settle = async () => {
        throw new Error('settled elsewhere');
      };
      await assert.rejects(world.pushConfig(PLAIN, { settle }), /settled elsewhere/);
      assert.equal(await world.countPipelines(), before);
    });
    it('a dry run says what would be stored, and stores nothing', async () => {
      const before = await world.countPipelines();
      const result = await world.pushConfig('a: {script: [x]}\nb: {script: [x], rules: [{if: $NOPE}]}\n', {
        dryRun: true,
      });
      assert.equal(result.kind, 'dry_run');
      assert.deepEqual(result.kind === 'dry_run' && result.jobs.map(({ config }) => config.name), ['a']);
      assert.equal(await world.countPipelines(), before);
    });
    it('a configuration given with the request is used instead of the file', async () => {
      const result = await world.pushConfig(PLAIN, {
        config: 'child: {script: [x]}\n',
        source: 'parent_pipeline',
      });
      assert.deepEqual(await world.jobNames(result), ['child']);
    });
    it('a newer pipeline cancels an older one of the ref', async () => {
      await world.changeProject({ autoCancelPendingPipelines: true });
      const older = idOf(await world.pushConfig(PLAIN));
      const newer = idOf(await world.pushConfig(PLAIN));
      const row = await world.row(older);
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
    assert.equal((await world.jobs(result)).length, 10_000);
    assert.ok(turns > 20, `others had ${turns} turns`);
  });
});
