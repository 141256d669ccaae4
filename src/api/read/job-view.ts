import { type Artifact, artifactsOf } from '../../artifact/artifact.ts';
import { gatheredMany } from '../../db/gathered.ts';
import { listStatement } from '../../db/list-statement.ts';
import type { Reading } from '../../db/transaction.ts';
import { definitionsByIds } from '../../pipeline/job-definition.ts';
import { PUBLIC_COLUMNS, type PublicUser, publicUserOfRow } from '../../project/user.ts';
import type { CommitRow, JobsRow, ManagerRow, PipelineRow, RunnerRow } from './rows.ts';

/** Everything an answer about a job shows, as it is stored.  */
export interface JobView {
  job: Pick<JobsRow, (typeof JOB)[number]>;
  stage: string;
  pipeline: Pick<PipelineRow, (typeof PIPELINE)[number]>;
  commit: Pick<CommitRow, (typeof COMMIT)[number]> | null;
  user: PublicUser | null;
  runner: Pick<RunnerRow, (typeof RUNNER)[number]> | null;
  manager: Pick<ManagerRow, (typeof MANAGER)[number]> | null;
  /** Runner tags that it asks for, in the order of its configuration. */
  tags: string[];
  artifacts: Artifact[];
  /** Whether its runner, if any, runs a job now. */
  runnerBusy: boolean;
  /** The instance's archive age, as `pipeline/archive.ts` reads it. */
  archiveAge: string | null;
}

const JOB = [
  'id',
  'type',
  'project_id',
  'definition_id',
  'name',
  'status',
  'allow_failure',
  'ref',
  'tag',
  'failure_reason',
  'coverage',
  'artifacts_expire_at',
  'created_at',
  'queued_at',
  'started_at',
  'finished_at',
  'erased_at',
] as const satisfies (keyof JobsRow)[];
const PIPELINE = [
  'id',
  'iid',
  'project_id',
  'sha',
  'ref',
  'status',
  'source',
  'created_at',
  'updated_at',
] as const satisfies (keyof PipelineRow)[];
const COMMIT = [
  'sha',
  'parent_ids',
  'title',
  'message',
  'author_name',
  'author_email',
  'authored_date',
  'committer_name',
  'committer_email',
  'committed_date',
] as const satisfies (keyof CommitRow)[];
const RUNNER = [
  'id',
  'runner_type',
  'name',
  'description',
  'paused',
  'creation_finished',
  'contacted_at',
  'created_at',
] as const satisfies (keyof RunnerRow)[];
const MANAGER = [
  'id',
  'system_xid',
  'version',
  'revision',
  'platform',
  'architecture',
  'ip_address',
  'contacted_at',
  'created_at',
] as const satisfies (keyof ManagerRow)[];

const PARTS = { j: JOB, p: PIPELINE, c: COMMIT, u: PUBLIC_COLUMNS, r: RUNNER, m: MANAGER } as const;

const COLUMNS = Object.entries(PARTS)
  .flatMap(([alias, columns]) => columns.map((column) => `${alias}."${column}" as ${alias}_${column}`))
  .join(', ');

/** Of each part the columns with their names in a row. */
const NAMES = Object.fromEntries(
  Object.entries(PARTS).map(([alias, columns]) => [
    alias,
    columns.map((column) => [column, `${alias}_${column}`] as const),
  ]),
) as Record<keyof typeof PARTS, (readonly [column: string, name: string])[]>;

/** Every join is by primary key; stages are looked up, as joining them PostgreSQL may read them all. */
const rowsByIds = listStatement<Record<string, unknown>>(`
  select ${COLUMNS},
    (select s.name from stages s where s.id = j.stage_id) as stage,
    (select count(*) from (select 1 from running_jobs q where q.runner_id = j.runner_id limit 1) q1) as busy,
    (select value from instance_settings where name = 'archive_builds_in_human_readable') as archive_age
  from jobs j
  join pipelines p on p.id = j.pipeline_id
  left join commits c on c.id = p.commit_id
  left join users u on u.id = j.user_id and u.state <> 'removed'
  left join runners r on r.id = j.runner_id
  left join runner_managers m on m.id = j.runner_manager_id and j.started_at is not null
  where j.id in (list)`);
const rowsOf = gatheredMany(async (reading, ids: readonly number[]) => {
  const rows = await rowsByIds(reading, [], ids);
  return new Map(rows.map((row) => [row.j_id as number, row]));
});

/** What answers show of these jobs, in the order of `ids`; ids of no job are left out. At most one page of ids. */
export async function jobViews(reading: Reading, ids: readonly number[]): Promise<JobView[]> {
  if (ids.length === 0) return [];
  const [known, artifacts] = await Promise.all([rowsOf(reading, ids), artifactsOf(reading, ids)]);
  const rows = ids.map((id) => known.get(id)).filter((row) => row !== undefined);
  const definitions = await definitionsByIds(reading, [
    ...new Set(rows.map((row) => row.j_definition_id as number)),
  ]);
  const shared = new Shared();
  return rows.map((row) => {
    const job = part(row, 'j') as JobView['job'];
    const definition = definitions.get(job.definition_id);
    return {
      job,
      stage: row.stage as string,
      pipeline: shared.part(row, 'p', 'p_id') as JobView['pipeline'],
      commit: shared.part(row, 'c', 'c_sha') as JobView['commit'],
      user: shared.part(row, 'u', 'u_id', asUser) as PublicUser | null,
      runner: shared.part(row, 'r', 'r_id') as JobView['runner'],
      manager: shared.part(row, 'm', 'm_id') as JobView['manager'],
      tags: definition?.type === 'build' ? definition.tagList : [],
      artifacts: artifacts.get(job.id) ?? [],
      runnerBusy: Number(row.busy) > 0,
      archiveAge: row.archive_age as string | null,
    };
  });
}

const asUser = (values: unknown) => publicUserOfRow(values as Parameters<typeof publicUserOfRow>[0]);

/** The parts of a page that several of its jobs have in common, each made once: equal ones are one object. */
class Shared {
  readonly #known = new Map<string, unknown>();

  /** Null where the join found nothing: where the column `key` is null. */
  part(
    row: Record<string, unknown>,
    alias: keyof typeof PARTS,
    key: string,
    finish: (values: unknown) => unknown = (values) => values,
  ): unknown {
    const value = row[key];
    if (value === null) return null;
    const name = `${alias}${value}`;
    let made = this.#known.get(name);
    if (made === undefined) {
      made = finish(part(row, alias));
      this.#known.set(name, made);
    }
    return made;
  }
}

function part(row: Record<string, unknown>, alias: keyof typeof PARTS): unknown {
  const values: Record<string, unknown> = {};
  for (const [column, name] of NAMES[alias]) values[column] = row[name];
  return values;
}
