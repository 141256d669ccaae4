import type { Database } from '../../src/db/database.ts';
import { NOW } from '../pipeline-world.ts';

/** A project with the one pipeline of which its history is copied. */
export interface Template {
  projectId: number;
  pipelineId: number;
}

/** Pipelines in the history of the busy project; more than any list may read. */
export const PIPELINES = 3000;
const JOBS = 3;
const MINUTE = 60_000;

/**
 * Gives a project a long history whose rare rows are its oldest, and another one, in turns with it, all of whose jobs failed. What
 * else comes with pipelines comes with them: deployments, review apps, events of webhooks, acts, tokens. PostgreSQL only.
 */
export async function fillHistory(
  db: Database,
  busy: Template & { hookId: number; scheduleId: number; userId: number },
  other: Template,
  runnerId: number,
): Promise<void> {
  const run = (text: string) => db.read.rows(text, []) as Promise<{ name: string }[]>;
  const copy = async (table: string, from: string, changed: Record<string, string>) => {
    const columns = await run(`select column_name as name from information_schema.columns
      where table_name = '${table}' and table_schema = 'public' and column_name <> 'id'`);
    const names = columns.map(({ name }) => name);
    const values = names.map((name) => changed[name] ?? `t."${name}"`);
    await run(`insert into ${table} ("${names.join('", "')}") select ${values.join(', ')} from ${from}`);
  };
  const { projectId, hookId, scheduleId, userId } = busy;
  const time = `${NOW} + i * ${MINUTE}`;
  const series = `generate_series(1, ${PIPELINES}) i`;
  const templates = `${busy.pipelineId}, ${other.pipelineId}`;
  const added = `join pipelines p on p.project_id = `;
  const ofBusy = (value: string, others: string) =>
    `case when t.project_id <> ${projectId} then ${others} else ${value} end`;

  await copy('pipelines', `pipelines t, ${series} where t.id in (${templates}) order by i, t.id`, {
    iid: '1000 + i',
    unprocessed: '0',
    ...Object.fromEntries(['created_at', 'updated_at', 'started_at', 'finished_at'].map((at) => [at, time])),
    status: ofBusy(
      `case when i < 5 then 'canceled' when i % 10 = 0 then 'failed' else 'success' end`,
      `'failed'`,
    ),
    ref: ofBusy(`case when i < 9 then 'old' when i % 2 = 0 then 'main' else 'b' || i end`, `'old'`),
    sha: ofBusy(`lpad(to_hex(i), 40, '0')`, 't.sha'),
    source: ofBusy(`case when i = 7 then 'web' when i % 4 = 0 then 'schedule' else 'push' end`, `'web'`),
    name: ofBusy(`case when i = 6 then 'odd' end`, `'odd'`),
    yaml_errors: ofBusy(`case when i = 5 then 'bad' end`, `'bad'`),
  });
  const stages = `stages t join pipelines s on s.id = t.pipeline_id ${added} s.project_id and p.iid > 1000`;
  await copy('stages', `${stages} where s.id in (${templates}) order by p.id`, { pipeline_id: 'p.id' });
  const jobs = `jobs t ${added} t.project_id and p.iid > 1000 join stages s on s.pipeline_id = p.id`;
  await copy(
    'jobs',
    `${jobs}, generate_series(1, ${JOBS}) n where t.pipeline_id in (${templates}) order by p.id, n`,
    {
      pipeline_id: 'p.id',
      stage_id: 's.id',
      name: `'job ' || n`,
      ref: 'p.ref',
      status: ofBusy('p.status', `'canceled'`),
      runner_id: `${runnerId}`,
      environment: `case when n = 1 then 'production' end`,
      ...Object.fromEntries(
        ['created_at', 'updated_at', 'started_at', 'finished_at'].map((at) => [at, 'p.created_at']),
      ),
    },
  );
  await run(`insert into traces (job_id, size, archived, corrupt, updated_at)
    select id, 0, 1, 0, updated_at from jobs where finished_at is not null`);
  await run(`insert into artifacts (project_id, job_id, file_type, filename, size, sha256, store_key, accessibility, locked,
      expire_at, created_at)
    select project_id, id, 'archive', '', 1, '', id, 'public', 1, updated_at, updated_at from jobs`);

  await run(`insert into environments (project_id, name, slug, tier, state, auto_stop_setting, created_at, updated_at)
    select ${projectId}, 'review/' || i, 'e' || i, 'other',
      'stopped', 'always', ${time}, ${time} from ${series}`);
  await run(`insert into deployments (iid, project_id, environment_id, job_id, pipeline_id, ref, tag, sha, status, created_at,
      updated_at, finished_at)
    select 1000 + row_number() over (order by j.id), ${projectId}, e.id, j.id, p.id, p.ref, 0, p.sha, p.status, p.created_at,
      p.updated_at, p.finished_at
    from jobs j join pipelines p on p.id = j.pipeline_id
      join environments e on e.project_id = j.project_id and e.name = j.environment
    where p.project_id = ${projectId} and p.iid > 1000 order by j.id`);
  await run(`insert into web_hook_events (hook_id, project_id, trigger, idempotency_key, chain, created_at, delivered_at,
      url, request_headers, response_headers, response_status, duration)
    select ${hookId}, ${projectId}, 'job_events', i, i, ${time}, ${time}, '', '{}', '{}', 200, 1 from ${series}`);
  await run(`insert into pipeline_schedule_runs (schedule_id, pipeline_id)
    select ${scheduleId}, id from pipelines where project_id = ${projectId} and source = 'schedule'`);
  await run(`insert into audit_events (author_id, author_name, act, entity_type, entity_id, entity_path, details, ip, created_at)
    select ${userId}, '', 'x', 'Project', ${projectId}, '', '{}', '', ${time} from ${series}`);
  await run(`insert into access_tokens (user_id, digest, kind, resource_id, access_level, name, scopes, revoked, expires_at,
      created_at, updated_at)
    select 0, i, 'project', ${projectId}, 30, 'old', '["api"]', 1, '2020-01-01', ${time}, ${time} from ${series}`);
  await run('vacuum analyze');
}
