import { statement } from '../../db/statement.ts';
import type { Reading } from '../../db/transaction.ts';
import { marks, paddedLists } from './in-list.ts';

/** What a hook's body tells of a job that never changes. */
export interface HookJobRow {
  id: number;
  pipeline_id: number;
  definition_id: number;
  name: string;
  stage: string;
  when: string;
  ref: string;
  tag: number;
  user_id: number | null;
  environment: string | null;
  created_at: number;
}

export interface HookPipelineRow {
  id: number;
  iid: number;
  name: string | null;
  ref: string;
  tag: number;
  sha: string;
  before_sha: string;
  source: string;
  protected: number;
  user_id: number | null;
  source_job_id: number | null;
  source_pipeline_id: number | null;
  created_at: number;
  title: string | null;
  message: string | null;
  author_name: string | null;
  author_email: string | null;
  committed_date: string | null;
}

export interface HookRunnerRow {
  id: number;
  description: string | null;
  runner_type: string;
  paused: number;
  tag_list: string;
}

const JOB = `select jobs.id, jobs.pipeline_id, jobs.definition_id, jobs.name, stages.name as stage, jobs."when", jobs.ref,
  jobs.tag, jobs.user_id, jobs.environment, jobs.created_at from jobs join stages on stages.id = jobs.stage_id`;
const jobsById = new Map<number, ReturnType<typeof statement<HookJobRow>>>();
const pipelineById = statement<HookPipelineRow>(
  `select p.id, p.iid, p.name, p.ref, p.tag, p.sha, p.before_sha, p.source, p.protected, p.user_id, p.source_job_id,
     p.source_pipeline_id, p.created_at, c.title, c.message, c.author_name, c.author_email, c.committed_date
   from pipelines p left join commits c on c.id = p.commit_id where p.id = ?`,
);
const earlier = statement<{ count: number }>(
  'select count(*) as count from jobs where pipeline_id = ? and name = ? and id < ?',
);
const stageNames = statement<{ name: string }>(
  'select name from stages where pipeline_id = ? order by position',
);
const variables = statement<{ key: string; encrypted_value: string }>(
  'select key, encrypted_value from pipeline_variables where pipeline_id = ? order by id',
);
const runner = statement<HookRunnerRow>(
  'select id, description, runner_type, paused, tag_list from runners where id = ?',
);
const userOfEmail = statement<{ id: number }>('select id from users where lower(email) = lower(?)');
const projectOfPipeline = statement<{ project_id: number }>('select project_id from pipelines where id = ?');
const newestBuild = statement<{ id: number; pipeline_id: number }>(
  `select id, pipeline_id from jobs where project_id between ? and ? and type = 'build'
   order by project_id desc, id desc limit 1`,
);
const newestPipeline = statement<{ id: number }>(
  'select id from pipelines where project_id between ? and ? order by project_id desc, id desc limit 1',
);

export async function hookJobs(reading: Reading, ids: readonly number[]): Promise<Map<number, HookJobRow>> {
  const found = new Map<number, HookJobRow>();
  for (const { padded } of paddedLists(ids)) {
    const run =
      jobsById.get(padded.length) ??
      statement<HookJobRow>(`${JOB} where jobs.id in (${marks(padded.length)})`);
    jobsById.set(padded.length, run);
    for (const row of await run(reading, ...padded)) found.set(row.id, row);
  }
  return found;
}

export async function hookPipeline(reading: Reading, id: number): Promise<HookPipelineRow | undefined> {
  return (await pipelineById(reading, id))[0];
}

/** How many attempts of a job came before this one. */
export async function countEarlier(
  reading: Reading,
  job: { id: number; name: string; pipeline_id: number },
): Promise<number> {
  return Number((await earlier(reading, job.pipeline_id, job.name, job.id))[0]!.count);
}

export async function stageNamesOf(reading: Reading, pipelineId: number): Promise<string[]> {
  return (await stageNames(reading, pipelineId)).map(({ name }) => name);
}

export function encryptedVariablesOf(reading: Reading, pipelineId: number) {
  return variables(reading, pipelineId);
}

export async function hookRunner(reading: Reading, id: number): Promise<HookRunnerRow | undefined> {
  return (await runner(reading, id))[0];
}

export async function userIdOfEmail(reading: Reading, email: string): Promise<number | null> {
  return (await userOfEmail(reading, email))[0]?.id ?? null;
}

export async function projectIdOfPipeline(reading: Reading, id: number): Promise<number | null> {
  return (await projectOfPipeline(reading, id))[0]?.project_id ?? null;
}

/** The newest build of a project, for a trial of its hooks. */
export async function newestBuildOf(reading: Reading, projectId: number) {
  return (await newestBuild(reading, projectId, projectId))[0];
}

export async function newestPipelineOf(reading: Reading, projectId: number): Promise<number | null> {
  return (await newestPipeline(reading, projectId, projectId))[0]?.id ?? null;
}
