import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { type Database, openPostgresDatabase, openSqliteDatabase } from '../../src/db/database.ts';
import { removeDrafts } from '../../src/pipeline/draft.ts';
import { ENGINES, type Engine } from '../databases.ts';
import { createPostgresDatabase } from '../postgres.ts';
import { freePort, spawnServer, temporaryDirectory } from '../spawn-server.ts';
import { until } from '../until.ts';

const JOBS = 1500;
const KILLS = 4;
/** The server lives so long after a commit was sent, milliseconds: somewhere in the making of its pipeline. */
const LIFE_MS = [150, 1000] as const;

const CONFIG = [
  'first: {stage: build, script: make}',
  ...Array.from({ length: JOBS - 1 }, (_, i) => `job ${i}: {script: make ${i}, needs: [{job: first}]}`),
].join('\n');
const WIDE = CONFIG.replaceAll(', needs: [{job: first}]', ', needs: []');

for (const engine of ENGINES) {
  describe(`a large pipeline whose server is killed while it is made (${engine})`, () => {
    it('is whole or was never begun, and a push has its pipeline once', { timeout: 240_000 }, () =>
      crash(engine),
    );
  });
}

async function crash(engine: Engine): Promise<void> {
  const data = temporaryDirectory();
  const database = engine === 'postgres' ? await createPostgresDatabase() : null;
  const environment: Record<string, string> =
    database === null ? {} : { TEASPOON_DATABASE_URL: database.url };
  const options = { data, port: await freePort(), environment };
  let server = await spawnServer(options);
  try {
    const { body: project } = await server.api<{ id: number }>('POST', '/projects', {
      body: { name: 'app' },
    });
    const path = `/projects/${project.id}`;
    const commit = (content: string, action: string) =>
      server.api<{ id: string }>('POST', `${path}/repository/commits`, {
        body: {
          branch: 'main',
          commit_message: `commit ${Math.random()}`,
          actions: [{ action, file_path: '.gitlab-ci.yml', content }],
        },
      });
    await commit('only: {script: [make]}\n', 'create');
    for (let kill = 0; kill < KILLS; kill++) {
      const content = `# ${kill}\n${kill % 2 === 0 ? CONFIG : WIDE}`;
      const answer = commit(content, 'update').catch(() => null);
      await pause(LIFE_MS[0] + ((LIFE_MS[1] - LIFE_MS[0]) * kill) / KILLS);
      await server.end('SIGKILL');
      await answer;
      server = await spawnServer(options);
    }
    const { body: commits } = await server.api<{ id: string }[]>('GET', `${path}/repository/commits`);
    const shas = async () => {
      const { body } = await server.api<{ sha: string }[]>('GET', `${path}/pipelines`);
      return body.map(({ sha }) => sha);
    };
    // Where processes share a database, a push is left alone for a minute: who took it may be alive.
    if (engine === 'sqlite') {
      await until('every commit to have its pipeline', async () => {
        return (await shas()).length === commits.length || undefined;
      });
    }
    const made = await shas();
    assert.equal(new Set(made).size, made.length, 'a push with two pipelines');
    const db =
      database === null
        ? openSqliteDatabase(join(data, 'teaspoon.sqlite'))
        : await openPostgresDatabase(database.url, 2);
    await isWhole(db, engine).finally(() => db.close());
    await server.end();
  } finally {
    await server.end('SIGKILL');
    await database?.drop();
    rmSync(data, { recursive: true, force: true });
  }
}

/** No jobs of no pipeline; every pipeline has all its jobs, and none of them waits for a turn that has come. */
async function isWhole(db: Database, engine: Engine): Promise<void> {
  const { sql } = db.read;
  await until('every pipeline to be processed', async () => {
    const waiting = sql.selectFrom('pipelines').select('id').where('unprocessed', '>', 0);
    return (await waiting.execute()).length === 0 || undefined;
  });
  // Processes that share a database leave drafts alone for a while: their maker may be another one.
  if (engine === 'postgres') await removeDrafts(db, Date.now(), 0);
  assert.deepEqual(await sql.selectFrom('pipeline_drafts').selectAll().execute(), []);
  const rows = await sql
    .selectFrom('jobs')
    .leftJoin('pipelines', 'pipelines.id', 'jobs.pipeline_id')
    .select(['jobs.pipeline_id', 'pipelines.id', 'jobs.status'])
    .execute();
  for (const [id, jobs] of Map.groupBy(rows, (row) => row.pipeline_id)) {
    assert.equal(jobs[0]?.id, id, `pipeline ${id} has jobs and no row`);
    assert.ok(jobs.length === 1 || jobs.length === JOBS, `pipeline ${id} has ${jobs.length} jobs`);
    const turned = jobs.filter(({ status }) => status === 'pending' || status === 'canceled').length;
    assert.ok(turned === 1 || turned === jobs.length, `pipeline ${id}: ${turned} of ${jobs.length}`);
  }
}
