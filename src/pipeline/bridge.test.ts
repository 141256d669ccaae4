import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { after, before, describe, it } from 'node:test';
import { jobStart } from '../../test/conformance/pipeline-processing/stored-pipeline.ts';
import { craftZip } from '../../test/craft-zip.ts';
import { forEachEngine } from '../../test/databases.ts';
import { idOf, NOW, PipelineWorld } from '../../test/pipeline-world.ts';
import { FileStore } from '../artifact/store/filesystem.ts';
import { acceptUpload } from '../artifact/upload.ts';
import type { Project } from '../project/project.ts';
import { bridgeStatus } from './advance/mirror.ts';
import { type BridgeDeps, startDownstream, startPendingBridges } from './bridge.ts';
import { cancelPipeline } from './cancel.ts';
import { applyEvent } from './job.ts';
import { type JobRow, latestJobs } from './job-lookup.ts';
import { playJob } from './play.ts';
import { retryJob } from './retry.ts';
import { startJobs } from './start-jobs.ts';
import type { Status } from './status.ts';
import { givenVariables } from './variables.ts';
import { BRIDGES, watch } from './watch.ts';

const CHILD = 'work: {script: [make work]}\n';

describe('what a bridge shows of its downstream pipeline (ci-yaml 12.5)', () => {
  const table: [Status, depend: Status, mirror: Status][] = [
    ['created', 'running', 'running'],
    ['pending', 'running', 'pending'],
    ['running', 'running', 'running'],
    ['manual', 'running', 'manual'],
    ['success', 'success', 'success'],
    ['failed', 'failed', 'failed'],
    ['canceled', 'canceled', 'canceled'],
    ['skipped', 'failed', 'skipped'],
  ];
  for (const [downstream, depend, mirror] of table) {
    it(`${downstream}: ${depend} when it depends, ${mirror} when it mirrors`, () => {
      assert.deepEqual(
        [bridgeStatus('depend', downstream), bridgeStatus('mirror', downstream)],
        [depend, mirror],
      );
    });
  }
});

forEachEngine('bridges', (open) => {
  let world: PipelineWorld;
  let deps: BridgeDeps;
  let other: Project;
  const directory = mkdtempSync(join(tmpdir(), 'teaspoon-bridges-'));
  before(async () => {
    world = await PipelineWorld.open(await open());
    const { db, encryption, repositories } = world;
    const artifacts = await FileStore.open(directory);
    deps = { db, encryption, repositories, artifacts, serverUrl: 'http://ci.test:8929' };
    other = await world.addProject('other');
    await world.push({ '.gitlab-ci.yml': 'elsewhere: {script: [make]}\n' }, { project: other });
  });
  after(() => {
    world.close();
    rmSync(directory, { recursive: true });
  });

  /** A pipeline of this configuration, its bridges not yet served; gives its id. */
  async function pipelineOf(config: string, files: Record<string, string> = {}): Promise<number> {
    const sha = await world.push({ '.gitlab-ci.yml': config, 'child.yml': CHILD, ...files });
    const result = await world.create({ sha });
    assert.equal(result.kind, 'created', JSON.stringify(result));
    return idOf(result);
  }
  async function jobOf(pipelineId: number, name: string): Promise<JobRow> {
    const job = (await latestJobs(world.db.read, pipelineId)).find((candidate) => candidate.name === name);
    assert.ok(job !== undefined, name);
    return job;
  }
  const statusOf = async (pipelineId: number, name: string) => {
    const { status, failureReason } = await jobOf(pipelineId, name);
    return failureReason === null ? status : `${status}: ${failureReason}`;
  };
  const downstreamOf = (pipelineId: number) =>
    world.db.read.sql
      .selectFrom('pipelines')
      .selectAll()
      .where('source_pipeline_id', '=', pipelineId)
      .orderBy('id')
      .execute();
  const serve = () => startPendingBridges(deps, NOW);
  const end = async (pipelineId: number, name: string, type: 'success' | 'drop') => {
    const { id } = await jobOf(pipelineId, name);
    const event = type === 'success' ? { type } : { type, reason: 'script_failure' as const };
    await world.db.transaction((tx) => applyEvent(tx, id, event, NOW + 1000));
  };

  it('a child without strategy is made once, at the same commit, and the bridge has done its part', async () => {
    const id = await pipelineOf(
      'child: {trigger: {include: child.yml}}\nlast: {stage: .post, script: [x]}\n',
    );
    const bridge = await jobOf(id, 'child');
    assert.equal(bridge.status, 'pending');
    await Promise.all([startDownstream(deps, bridge.id, NOW), startDownstream(deps, bridge.id, NOW)]);
    await startDownstream(deps, bridge.id, NOW);
    const children = await downstreamOf(id);
    assert.equal(children.length, 1);
    const [child] = children;
    const parent = await world.row(id);
    assert.deepEqual(
      [child?.source, child?.ref, child?.sha, child?.source_job_id, child?.status],
      ['parent_pipeline', 'main', parent.sha, bridge.id, 'pending'],
    );
    assert.equal(await statusOf(id, 'child'), 'success');
    assert.equal(await statusOf(id, 'last'), 'pending');
    assert.equal(await statusOf(child!.id, 'work'), 'pending');
  });

  it('a bridge that depends waits for its child, follows it, and follows it again after a retry', async () => {
    const id = await pipelineOf(
      'child: {trigger: {include: child.yml, strategy: depend}}\nlast: {stage: .post, script: [x]}\n',
    );
    await serve();
    assert.deepEqual([await statusOf(id, 'child'), await statusOf(id, 'last')], ['running', 'created']);
    const [child] = await downstreamOf(id);
    await end(child!.id, 'work', 'drop');
    assert.deepEqual([await statusOf(id, 'child'), await statusOf(id, 'last')], ['failed', 'skipped']);
    assert.equal((await world.row(id)).status, 'failed');
    const failed = await jobOf(child!.id, 'work');
    await world.db.transaction((tx) =>
      retryJob(tx, world.encryption, failed.id, { userId: world.user.id }, NOW + 2000),
    );
    assert.deepEqual([await statusOf(id, 'child'), await statusOf(id, 'last')], ['running', 'created']);
    await end(child!.id, 'work', 'success');
    assert.deepEqual([await statusOf(id, 'child'), await statusOf(id, 'last')], ['success', 'pending']);
  });

  it('a bridge that mirrors shows what its child shows, and a pending one makes no second child', async () => {
    const config =
      'first: {script: [x]}\nheld: {stage: deploy, script: [x], when: manual, allow_failure: false}\n';
    const id = await pipelineOf('child: {trigger: {include: held.yml, strategy: mirror}}\n', {
      'held.yml': config,
    });
    await serve();
    assert.equal(await statusOf(id, 'child'), 'pending');
    await serve();
    await startDownstream(deps, (await jobOf(id, 'child')).id, NOW);
    const children = await downstreamOf(id);
    assert.equal(children.length, 1);
    await end(children[0]!.id, 'first', 'success');
    assert.equal(await statusOf(id, 'child'), 'manual');
    const held = await jobOf(children[0]!.id, 'held');
    const played = { userId: world.user.id, variables: [] };
    await world.db.transaction((tx) => playJob(tx, world.encryption, held.id, played, NOW + 2000));
    assert.equal(await statusOf(id, 'child'), 'running');
    await end(children[0]!.id, 'held', 'success');
    assert.equal(await statusOf(id, 'child'), 'success');
    assert.equal((await world.row(id)).status, 'success');
  });

  it('a bridge that mirrors a child of nothing but optional manual jobs is skipped until one is played', async () => {
    const id = await pipelineOf(
      'child: {trigger: {include: held.yml, strategy: mirror}}\nlast: {stage: .post, script: [x]}\n',
      { 'held.yml': 'held: {script: [x], when: manual}\n' },
    );
    await serve();
    assert.deepEqual([await statusOf(id, 'child'), await statusOf(id, 'last')], ['skipped', 'pending']);
    const [child] = await downstreamOf(id);
    const held = await jobOf(child!.id, 'held');
    const played = { userId: world.user.id, variables: [] };
    await world.db.transaction((tx) => playJob(tx, world.encryption, held.id, played, NOW + 2000));
    assert.equal(await statusOf(id, 'child'), 'pending');
    await end(child!.id, 'held', 'success');
    assert.equal(await statusOf(id, 'child'), 'success');
  });

  it('cancelling a pipeline cancels its children', async () => {
    const id = await pipelineOf('child: {trigger: {include: child.yml, strategy: depend}}\n');
    await serve();
    const [child] = await downstreamOf(id);
    await world.db.transaction((tx) => cancelPipeline(tx, id, {}, NOW));
    assert.equal((await world.row(child!.id)).status, 'canceled');
    assert.equal(await statusOf(id, 'child'), 'canceled');
  });

  it('a bridge that was cancelled stays so while the other project goes on, and follows what is retried there', async () => {
    const id = await pipelineOf('next: {trigger: {project: ada/other, strategy: depend}}\n');
    await serve();
    const [downstream] = await downstreamOf(id);
    await world.db.transaction((tx) => cancelPipeline(tx, id, {}, NOW));
    const both = async () => [await statusOf(id, 'next'), (await world.row(downstream!.id)).status];
    assert.deepEqual(await both(), ['canceled', 'pending']);
    const work = await jobOf(downstream!.id, 'elsewhere');
    await world.db.transaction((tx) => startJobs(tx, [jobStart(work.id, downstream!.id)], NOW + 1000));
    assert.deepEqual(await both(), ['canceled', 'running']);
    await end(downstream!.id, 'elsewhere', 'success');
    assert.deepEqual(await both(), ['canceled', 'success']);
    assert.equal((await world.row(id)).status, 'canceled');
    await world.db.transaction((tx) =>
      retryJob(tx, world.encryption, work.id, { userId: world.user.id }, NOW + 2000),
    );
    assert.deepEqual(await both(), ['running', 'running']);
    await end(downstream!.id, 'elsewhere', 'success');
    assert.deepEqual(await both(), ['success', 'success']);
  });

  it('a bridge that was cancelled before its pipeline was stored has none', async () => {
    const id = await pipelineOf('child: {trigger: {include: child.yml}}\n');
    await world.db.transaction((tx) => cancelPipeline(tx, id, {}, NOW));
    assert.deepEqual(await serve(), { done: 0, broken: [] });
    assert.deepEqual(await downstreamOf(id), []);
  });

  it('variables are handed down expanded, raw ones as they are, given ones only when asked to', async () => {
    const config = `
variables: {COLOUR: red}
plain:
  variables: {WORD: "$COLOUR $CI_COMMIT_BRANCH", RAW: {value: "$COLOUR", expand: false}}
  trigger: {include: child.yml}
all:
  variables: {WORD: mine}
  trigger: {include: child.yml, forward: {yaml_variables: false, pipeline_variables: true}}
`;
    const sha = await world.push({ '.gitlab-ci.yml': config, 'child.yml': CHILD });
    const result = await world.create({ sha, source: 'api', variables: [{ key: 'GIVEN', value: 'g' }] });
    assert.ok('pipelineId' in result);
    await serve();
    const of = async (name: string) => {
      const bridge = await jobOf(result.pipelineId, name);
      const child = (await downstreamOf(result.pipelineId)).find((one) => one.source_job_id === bridge.id);
      const variables = await givenVariables(world.db.read, world.encryption, child!.id);
      return Object.fromEntries(variables.map(({ key, value, raw }) => [key, raw ? `raw ${value}` : value]));
    };
    assert.deepEqual(await of('plain'), { COLOUR: 'red', WORD: 'red main', RAW: 'raw $COLOUR' });
    assert.deepEqual(await of('all'), { GIVEN: 'g' });
  });

  it("a child's configuration may come out of an earlier job's artifacts", async () => {
    const id = await pipelineOf(`
generate: {stage: build, script: [x]}
dynamic: {stage: test, trigger: {include: [{artifact: made/child.yml, job: generate}]}}
`);
    const generate = await jobOf(id, 'generate');
    const zip = craftZip([{ name: 'made/child.yml', data: 'generated: {script: [make]}\n' }]);
    const written = await deps.artifacts.write(Readable.from([zip]));
    assert.ok(written.ok);
    const uploaded = await acceptUpload(
      {
        db: world.db,
        store: deps.artifacts,
        mayStill: async () => true,
        storeDotenv: async () => {},
        noteExpiry: async () => {},
      },
      {
        projectId: generate.projectId,
        jobId: generate.id,
        type: 'archive',
        format: 'zip',
        filename: 'artifacts.zip',
        accessibility: 'public',
        expireAt: null,
        file: written.file,
        now: NOW,
      },
    );
    assert.deepEqual(uploaded, { ok: true });
    await end(id, 'generate', 'success');
    await serve();
    const [child] = await downstreamOf(id);
    assert.equal(await statusOf(child!.id, 'generated'), 'pending');
    assert.equal(await statusOf(id, 'dynamic'), 'success');
  });

  it('another project runs its own configuration on its default branch', async () => {
    const id = await pipelineOf(
      "next: {variables: {NAME: other}, trigger: {project: 'ada/$NAME', strategy: depend}}\n",
    );
    await serve();
    const [downstream] = await downstreamOf(id);
    assert.deepEqual(
      [downstream?.project_id, downstream?.source, downstream?.ref],
      [other.id, 'pipeline', 'main'],
    );
    await end(downstream!.id, 'elsewhere', 'success');
    assert.equal(await statusOf(id, 'next'), 'success');
  });

  const refusals: [name: string, trigger: string, expected: string, files?: Record<string, string>][] = [
    ['an unknown project', 'project: ada/nowhere', 'downstream_bridge_project_not_found'],
    ['its own project', 'project: ada/app', 'invalid_bridge_trigger'],
    ['an unknown branch', 'project: ada/other\n    branch: nowhere', 'downstream_pipeline_creation_failed'],
    ['a file that is not there', 'include: missing.yml', 'downstream_pipeline_creation_failed'],
    [
      'a broken configuration',
      'include: broken.yml',
      'downstream_pipeline_creation_failed',
      { 'broken.yml': 'a: 1\n' },
    ],
    [
      'a configuration without a job to run',
      'include: never.yml',
      'downstream_pipeline_creation_failed',
      { 'never.yml': 'a: {script: [x], rules: [{when: never}]}\n' },
    ],
  ];
  for (const [name, trigger, reason, files = {}] of refusals) {
    it(`a bridge to ${name} fails and says why`, async () => {
      const id = await pipelineOf(`bridge:\n  trigger:\n    ${trigger}\n`, files);
      await serve();
      assert.equal(await statusOf(id, 'bridge'), `failed: ${reason}`);
      assert.equal((await world.row(id)).status, 'failed');
    });
  }

  it('a user who may not see or run the other project gets no pipeline there', async () => {
    const bob = await world.addUser('bob');
    await world.addMember(bob, 40);
    const sha = await world.push({ '.gitlab-ci.yml': 'next: {trigger: {project: ada/other}}\n' });
    const result = await world.create({ sha, user: bob });
    assert.ok('pipelineId' in result, JSON.stringify(result));
    await serve();
    assert.equal(await statusOf(result.pipelineId, 'next'), 'failed: downstream_bridge_project_not_found');
  });

  it("a child's child is the last one", async () => {
    const self = 'deeper: {trigger: {include: self.yml}}\n';
    let id = await pipelineOf(self, { 'self.yml': self });
    for (let depth = 0; depth < 2; depth++) {
      await serve();
      assert.equal(await statusOf(id, 'deeper'), 'success');
      id = (await downstreamOf(id))[0]!.id;
    }
    await serve();
    assert.equal(await statusOf(id, 'deeper'), 'failed: reached_max_descendant_pipelines_depth');
  });

  it('projects that trigger each other in a circle are stopped', async () => {
    await world.push({ '.gitlab-ci.yml': 'back: {trigger: {project: ada/app}}\n' }, { project: other });
    let id = await pipelineOf('next: {trigger: {project: ada/other}}\n');
    let made = 1;
    for (;;) {
      await serve();
      const [next] = await downstreamOf(id);
      if (next === undefined) break;
      id = next.id;
      made++;
      assert.ok(made < 12, 'the circle goes on');
    }
    const [last] = await latestJobs(world.db.read, id);
    assert.equal(last?.failureReason, 'pipeline_loop_detected');
  });

  it('who watches is called when a bridge becomes pending, and not after it stopped', async () => {
    let calls = 0;
    const stop = watch(
      world.db,
      BRIDGES,
      async () => {
        calls++;
        await serve();
      },
      (error) => assert.fail(String(error)),
    );
    const id = await pipelineOf('child: {trigger: {include: child.yml}}\n');
    await stop();
    assert.deepEqual([calls, await statusOf(id, 'child')], [1, 'success']);
    await pipelineOf('child: {trigger: {include: child.yml}}\n');
    assert.equal(calls, 1);
  });
});
