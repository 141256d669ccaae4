import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import { GitClient } from '../git-client.ts';
import { type Held, ScriptedRunner } from '../scripted-runner.ts';
import { forEachServer, type TestServer } from '../start-server.ts';
import { until } from '../until.ts';

/** Projects by how many jobs wait in each; the one with most was first. */
const WAITING: Record<string, number> = { greedy: 200, modest: 40, small: 20 };
const RUNNERS = 30;
/** Requests at the same moment. */
const AT_ONCE = 5;

forEachServer('projects that share the runners of the instance', (start) => {
  it('each get as many as the others while they can use them', { timeout: 180_000 }, async (t) => {
    const server = await start();
    const projects = await pushAll(server);
    const runners = await Promise.all(Array.from({ length: RUNNERS }, () => instanceRunner(server)));
    const held: Held[] = [];
    for (let from = 0; from < RUNNERS; from += AT_ONCE)
      held.push(...(await Promise.all(runners.slice(from, from + AT_ONCE).map(takeOne))));
    const first = countByProject(held, projects);
    t.diagnostic(`running at once: ${JSON.stringify(first)}`);
    // Claims at the same moment do not see each other, so a share may be that much larger or smaller.
    for (const name of Object.keys(WAITING))
      assert.ok(Math.abs(first[name]! - RUNNERS / 3) < AT_ONCE, JSON.stringify(first));

    const order: string[] = [];
    await Promise.all(
      runners.map(async (runner, number) => {
        for (let job: Held | null = held[number]!; job !== null; job = await nextOf(runner)) {
          order.push(projects.get(job.payload.job_info.project_id)!);
          await runner.succeed(job);
        }
      }),
    );
    const total = Object.values(WAITING).reduce((sum, count) => sum + count);
    assert.equal(order.length, total);
    // The others are done with their jobs when the greedy one still waits with most of its own.
    const greedyBefore = order
      .slice(0, order.lastIndexOf('small'))
      .filter((name) => name === 'greedy').length;
    t.diagnostic(`jobs of greedy before the last of small: ${greedyBefore}`);
    assert.ok(greedyBefore < WAITING.small! * 2 + RUNNERS, String(greedyBefore));
  });
});

async function pushAll(server: TestServer): Promise<Map<number, string>> {
  const projects = new Map<number, string>();
  for (const [name, count] of Object.entries(WAITING)) {
    const directory = mkdtempSync(join(tmpdir(), 'teaspoon-fair-'));
    const git = new GitClient(directory);
    await git.ok('init', '-q', '.');
    await git.commit({ '.gitlab-ci.yml': `job: {script: [echo], parallel: ${count}}` });
    await git.ok('push', '-q', server.gitUrl(`root/${name}`), 'HEAD:refs/heads/main');
    rmSync(directory, { recursive: true });
    const { body } = await server.api<{ id: number }>('GET', `/projects/root%2F${name}`);
    projects.set(body.id, name);
    await until(`the jobs of ${name} to wait`, async () => {
      const jobs = await server.api<unknown[]>(
        'GET',
        `/projects/${body.id}/jobs?scope[]=pending&per_page=100`,
      );
      return jobs.body.length === Math.min(count, 100) || undefined;
    });
  }
  return projects;
}

async function instanceRunner(server: TestServer): Promise<ScriptedRunner> {
  const { body } = await server.api<{ token: string }>('POST', '/user/runners', {
    body: { runner_type: 'instance_type' },
  });
  return new ScriptedRunner(server.url, body.token);
}

async function takeOne(runner: ScriptedRunner): Promise<Held> {
  const job = await nextOf(runner);
  if (job === null) throw new Error('there was no job');
  return job;
}

/** The next job, or null when there is none; asks again when others were faster. */
async function nextOf(runner: ScriptedRunner): Promise<Held | null> {
  for (;;) {
    runner.lastUpdate = null;
    const { status, job } = await runner.request();
    if (status !== 409) return job;
  }
}

function countByProject(held: Held[], projects: Map<number, string>): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { payload } of held) {
    const name = projects.get(payload.job_info.project_id)!;
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}
