/** What is read: two projects full of finished jobs in one database. */
import { join } from 'node:path';
import { sql } from 'kysely';
import pg from 'pg';
import { type Database, openPostgresDatabase, openSqliteDatabase } from '../../src/db/database.ts';
import { startServer } from '../../src/server.ts';
import { must } from '../../test/conformance/jobs-api/target.ts';
import { type CaseProject, World } from '../../test/conformance/jobs-api/world.ts';
import { settingsFor, TOKEN } from './servers.ts';

const JOBS_A_PIPELINE = 10;
const SMALL = 1000;

/** A project that was filled. */
export interface Filled {
  id: number;
  jobs: number;
  firstJob: number;
  lastJob: number;
}

/** Two projects, of 1,000 and of so many jobs, each with one real finished job that is then copied. */
export async function fill(data: string, databaseUrl: string | undefined, jobs: number): Promise<Filled[]> {
  const server = await startServer(settingsFor(data, databaseUrl));
  const target = { url: server.url, token: TOKEN };
  await must(target, 'PUT', '/application/settings', { project_jobs_api_rate_limit: 0 });
  const world = await World.open(target);
  const made: CaseProject[] = [];
  for (const _ of [SMALL, jobs]) {
    const project = await world.addProject();
    await project.pipeline('a: {script: [x], tags: []}', 'main');
    const job = await project.take('a');
    await project.runner.append(job, 'a line\n');
    await project.runner.succeed(job);
    await server.rooms.traces.archive(job.id, project.id, Date.now());
    made.push(project);
  }
  world.close();
  await server.close();
  const db = databaseUrl
    ? await openPostgresDatabase(databaseUrl)
    : openSqliteDatabase(join(data, 'teaspoon.sqlite'));
  const filled: Filled[] = [];
  for (const [index, count] of [SMALL, jobs].entries()) {
    const startedAt = performance.now();
    filled.push(await copyJobs(db, made[index]!, count));
    const took = Math.round((performance.now() - startedAt) / 1000);
    if (took > 1) console.log(`${count} jobs stored in ${took} s`);
  }
  await db.close();
  if (databaseUrl) await vacuum(databaseUrl);
  return filled;
}

/** As autovacuum would after a while. */
async function vacuum(databaseUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  await client.query('vacuum analyze');
  await client.end();
}

/** Copies the project's only job into pipelines of 10, nine of ten successful, each with an archived log. */
async function copyJobs(db: Database, project: CaseProject, count: number): Promise<Filled> {
  const { pipeline, a: job } = project.names;
  const pipelines = Math.ceil(count / JOBS_A_PIPELINE);
  const series = (n: number) =>
    `with recursive n (i) as (select 1 union all select i + 1 from n where i < ${n})`;
  const insert = async (table: string, from: string, changed: Record<string, string>, prefix = '') => {
    const tables = await db.read.sql.introspection.getTables();
    const columns = tables.find(({ name }) => name === table)!.columns.map(({ name }) => name);
    const kept = columns.filter((name) => name !== 'id');
    const values = kept.map((name) => changed[name] ?? `t."${name}"`);
    const names = kept.map((name) => `"${name}"`).join(', ');
    const text = `insert into ${table} (${names}) ${prefix} select ${values.join(', ')} from ${from}`;
    await db.transaction(async (tx) => void (await sql.raw(text).execute(tx.sql)));
  };
  const copies = `pipelines p where p.project_id = ${project.id} and p.iid > 1000`;
  await insert(
    'pipelines',
    `pipelines t, n where t.id = ${pipeline} order by n.i`,
    { iid: '1000 + n.i', locked: '0' },
    series(pipelines),
  );
  await insert('stages', `stages t, ${copies} and t.pipeline_id = ${pipeline} order by p.id`, {
    pipeline_id: 'p.id',
  });
  const number = '((p.iid * 10 + n.i) % 100)';
  await insert(
    'jobs',
    `jobs t, n, stages s, ${copies} and t.id = ${job} and s.pipeline_id = p.id order by p.id, n.i`,
    {
      pipeline_id: 'p.id',
      stage_id: 's.id',
      status: `case when ${number} < 90 then 'success' when ${number} < 98 then 'failed' else 'canceled' end`,
      created_at: 't.created_at + p.iid',
    },
    series(JOBS_A_PIPELINE),
  );
  await insert(
    'artifacts',
    `artifacts t, jobs j where t.job_id = ${job} and j.project_id = ${project.id} and j.id <> ${job}`,
    {
      job_id: 'j.id',
      store_key: "'bench' || j.id",
    },
  );
  const { rows } = await sql
    .raw<{ first: number; last: number; jobs: number }>(
      `select min(case when id <> ${job} then id end) as first, max(id) as last, count(*) as jobs from jobs where project_id = ${project.id}`,
    )
    .execute(db.read.sql);
  const { first, last, jobs } = rows[0]!;
  return { id: project.id, jobs: Number(jobs), firstJob: Number(first), lastJob: Number(last) };
}
