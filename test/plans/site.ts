import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { routes } from '../../src/api/routes.ts';
import { FileStore } from '../../src/artifact/store/filesystem.ts';
import { type Database, openPostgresDatabase } from '../../src/db/database.ts';
import { migrate } from '../../src/db/migrate.ts';
import { createAccessToken } from '../../src/project/access-token.ts';
import type { Project } from '../../src/project/project.ts';
import { Traces } from '../../src/trace/traces.ts';
import { PipelineWorld } from '../pipeline-world.ts';
import { createPostgresDatabase } from '../postgres.ts';
import { startApi, type TestApi } from '../start-api.ts';
import { ExplainedDatabase } from './explained.ts';
import { fillHistory } from './history.ts';

/** What stands for `:name` in the paths of one project's lists. */
export type PathValues = Record<string, string | number>;

/** An API over a database with a long history, whose reads are explained. */
export interface Site {
  api: TestApi;
  explained: ExplainedDatabase;
  /** Of the project with the history, and of one with a single pipeline. */
  busy: PathValues;
  small: PathValues;
  get(path: string): Promise<{ status: number; text: string }>;
  close(): Promise<void>;
}

const CONFIG = 'job: {script: [x], environment: {name: production}, resource_group: only}';

export async function openSite(): Promise<Site> {
  const opened: (() => unknown)[] = [];
  const close = async () => {
    for (const end of opened.splice(0).reverse()) await end();
  };
  try {
    return { ...(await open(opened)), close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function open(opened: (() => unknown)[]): Promise<Omit<Site, 'close'>> {
  const { url, drop } = await createPostgresDatabase();
  opened.push(drop);
  const db = await openPostgresDatabase(url, 4);
  opened.push(() => db.close());
  await migrate(db);
  const world = await PipelineWorld.open(db);
  opened.push(() => world.close());
  await db.read.rows('update users set admin = 1', []);
  const explained = await ExplainedDatabase.open(db, url);
  opened.push(() => explained.close());
  const { encryption, repositories } = world;
  const data = mkdtempSync(join(tmpdir(), 'teaspoon-plans-'));
  opened.push(() => rmSync(data, { recursive: true }));
  const artifacts = await FileStore.open(join(data, 'artifacts'));
  const traces = await Traces.open({ dataDir: data, db: explained.database, artifacts });
  opened.push(() => traces.close());
  const extra = { encryption, repositories, artifacts, traces };
  const api = await startApi(explained.database, routes, { extra });
  opened.push(() => api.close());
  const token = await tokenOf(db, world.user.id);
  const send = async <T>(method: string, path: string, body?: unknown): Promise<T> => {
    const { status, text, json } = await api.send({ method, path: `/api/v4${path}`, token, body });
    if (status >= 300) throw new Error(`${method} ${path}: ${status} ${text}`);
    return json as T;
  };
  const group = await send<{ id: number }>('POST', '/groups', { name: 'group', path: 'group' });
  const runner = await send<{ id: number }>('POST', '/user/runners', { runner_type: 'instance_type' });
  const settings = { allow_local_requests_from_web_hooks_and_services: true, project_jobs_api_rate_limit: 0 };
  await send('PUT', '/application/settings', settings);

  const valuesOf = async (project: Project) => {
    const sha = await world.push({ '.gitlab-ci.yml': CONFIG }, { project });
    const made = await world.create({ project });
    if (made.kind !== 'created') throw new Error(JSON.stringify(made));
    const of = `/projects/${project.id}`;
    const hook = await send<{ id: number }>('POST', `${of}/hooks`, { url: 'http://127.0.0.1:9' });
    const schedule = { description: 'x', ref: 'main', cron: '0 1 * * *' };
    const { id } = await send<{ id: number }>('POST', `${of}/pipeline_schedules`, schedule);
    const agent = await send<{ id: number }>('POST', `${of}/cluster_agents`, { name: 'agent' });
    const [job] = (await db.read.rows('select id from jobs where pipeline_id = $1', [made.pipelineId])) as {
      id: number;
    }[];
    return {
      id: project.id,
      pipeline_id: made.pipelineId,
      job_id: job!.id,
      hook_id: hook.id,
      pipeline_schedule_id: id,
      agent_id: agent.id,
      key: 'only',
      sha,
      user_id: world.user.id,
      runner_id: runner.id,
      group_id: group.id,
    };
  };
  // The small project is the oldest, so whoever walks back through everybody's rows comes to its own last.
  const small = await valuesOf(await world.addProject('small'));
  const busy = await valuesOf(world.project);
  const other = await valuesOf(await world.addProject('other'));
  await fillHistory(
    db,
    {
      projectId: busy.id,
      pipelineId: busy.pipeline_id,
      hookId: busy.hook_id,
      scheduleId: busy.pipeline_schedule_id,
      userId: world.user.id,
    },
    { projectId: other.id, pipelineId: other.pipeline_id },
    runner.id,
  );
  return {
    api,
    explained,
    busy,
    small,
    get: (path) => api.send({ path, token }),
  };
}

async function tokenOf(db: Database, userId: number): Promise<string> {
  const token = { userId, kind: 'personal', name: 'x', scopes: ['api'], expiresAt: null } as const;
  const { secret } = await db.transaction((tx) =>
    createAccessToken(tx, { ...token, scopes: [...token.scopes] }, 0),
  );
  return secret;
}
