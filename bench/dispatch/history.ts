import { type RawBuilder, sql } from 'kysely';
import type { Database } from '../../src/db/database.ts';
import type { Tx } from '../../src/db/transaction.ts';
import { enqueue } from '../../src/queue/enqueue.ts';
import { kindText } from '../../src/queue/match.ts';
import { PipelineWorld } from '../../test/pipeline-world.ts';

/** Jobs of one pipeline. */
const PIPELINE = 100;
const PROJECTS = 8;
/** Job `n` of a pipeline asks for the tags at `n` modulo their number. */
export const TAGS = [[], ['linux'], ['docker'], ['arm'], [], ['docker', 'linux'], ['arm', 'linux'], ['gpu']];

/** What a job has since a runner took it. */
const RUN_COLUMNS = ['runner_id', 'runner_manager_id', 'token_digest', 'timeout_seconds', 'deadline_at'];

/** A database with one true pipeline in each of a few projects, which is copied in SQL as often as wanted. */
export class History {
  readonly world: PipelineWorld;
  readonly #templates: { pipelineId: number; projectId: number }[];

  private constructor(world: PipelineWorld, templates: { pipelineId: number; projectId: number }[]) {
    this.world = world;
    this.#templates = templates;
  }

  static async open(db: Database): Promise<History> {
    const world = await PipelineWorld.open(db);
    const jobs = Array.from({ length: PIPELINE }, (_, n) => {
      const tags = TAGS[n % TAGS.length]!;
      return `job ${n}: {script: [echo ${n}], tags: [${tags.join(', ')}]}`;
    });
    const templates: { pipelineId: number; projectId: number }[] = [];
    for (let n = 0; n < PROJECTS; n++) {
      const project = n === 0 ? world.project : await world.addProject(`app${n}`);
      await world.push({ '.gitlab-ci.yml': jobs.join('\n') }, { project });
      const made = await world.create({ project });
      if (made.kind !== 'created') throw new Error(JSON.stringify(made));
      templates.push({ pipelineId: made.pipelineId, projectId: project.id });
    }
    return new History(world, templates);
  }

  /** Adds at least so many finished jobs. */
  async addFinished(count: number): Promise<void> {
    for (const { pipelineId } of this.#templates) {
      await this.#copy(pipelineId, Math.ceil(count / PIPELINE / PROJECTS), 'success');
    }
  }

  /** Adds at least so many jobs that wait. */
  async addWaiting(count: number): Promise<void> {
    for (const { pipelineId, projectId } of this.#templates) {
      const first = await this.#copy(pipelineId, Math.ceil(count / PIPELINE / PROJECTS), 'pending');
      await this.world.db.transaction((tx) => queueFrom(tx, projectId, first));
    }
  }

  async waiting(): Promise<number> {
    const { db } = this.world;
    const found = await sql<{ n: number }>`select count(*) as n from queue_entries`.execute(db.read.sql);
    return Number(found.rows[0]!.n);
  }

  /** Lets the database do what building leaves it to do, which has nothing to do with claims. */
  async settle(): Promise<void> {
    const { read } = this.world.db;
    if (read.capabilities.engine !== 'postgres') return;
    await read.rows('vacuum analyze', []);
    await read.rows('checkpoint', []);
  }

  /** Copies a pipeline; the id of the first new job. */
  async #copy(template: number, count: number, status: 'success' | 'pending'): Promise<number> {
    return this.world.db.transaction(async (tx) => {
      const done = status === 'success';
      const series = sql`(with recursive series (n) as (
        select 0 union all select n + 1 from series where n + 1 < ${sql.lit(count)}) select n from series)`;
      const base = {
        pipelines: await lastId(tx, 'pipelines'),
        stages: await lastId(tx, 'stages'),
        jobs: await lastId(tx, 'jobs'),
      };
      const plus = (id: number, step = 1) => sql`${sql.lit(id + 1)} + s.n * ${sql.lit(step)}`;
      await copyRows(tx, 'pipelines', series, sql`t.id = ${sql.lit(template)}`, {
        id: plus(base.pipelines),
        iid: sql`${sql.lit(base.pipelines + 1_000_000)} + s.n`,
        status: sql.lit(status),
      });
      await copyRows(tx, 'stages', series, sql`t.pipeline_id = ${sql.lit(template)}`, {
        id: plus(base.stages),
        pipeline_id: plus(base.pipelines),
        status: sql.lit(status),
      });
      const position = sql`t.id - (select min(f.id) from jobs f where f.pipeline_id = ${sql.lit(template)})`;
      await copyRows(tx, 'jobs', series, sql`t.pipeline_id = ${sql.lit(template)}`, {
        id: sql`${plus(base.jobs, PIPELINE)} + ${position}`,
        pipeline_id: plus(base.pipelines),
        stage_id: plus(base.stages),
        status: sql.lit(status),
        started_at: done ? sql`t.created_at` : sql`null`,
        finished_at: done ? sql`t.created_at` : sql`null`,
        // The template's own jobs may have been claimed by now.
        ...Object.fromEntries(RUN_COLUMNS.map((column) => [column, sql`null`])),
      });
      return base.jobs + 1;
    });
  }
}

async function lastId(tx: Tx, table: string): Promise<number> {
  const found = await sql<{ id: number }>`select max(id) as id from ${sql.table(table)}`.execute(tx.sql);
  return Number(found.rows[0]!.id);
}

async function copyRows(
  tx: Tx,
  table: string,
  series: RawBuilder<unknown>,
  which: RawBuilder<unknown>,
  values: Record<string, RawBuilder<unknown>>,
): Promise<void> {
  const one = await sql<Record<string, unknown>>`select * from ${sql.table(table)} limit 1`.execute(tx.sql);
  const columns = Object.keys(one.rows[0]!);
  const names = sql.join(columns.map((column) => sql.ref(column)));
  const picked = sql.join(columns.map((column) => values[column] ?? sql.ref(`t.${column}`)));
  await sql`insert into ${sql.table(table)} (${names})
    select ${picked} from ${sql.table(table)} t cross join ${series} s where ${which}`.execute(tx.sql);
  if (tx.capabilities.engine === 'postgres') {
    await sql`select setval(pg_get_serial_sequence(${sql.lit(table)}, 'id'), (select max(id) from ${sql.table(table)}))`.execute(
      tx.sql,
    );
  }
}

/** The first job of each kind enters the queue as it always does, the others beside it. */
async function queueFrom(tx: Tx, projectId: number, first: number): Promise<void> {
  for (const [at, tags] of TAGS.entries()) {
    const kind = { protected: true, tags };
    const place = { projectId, groupIds: [], instanceRunners: true, groupRunners: true };
    await enqueue(tx, [{ ...place, ...kind, jobId: first + at, queuedAt: 0 }]);
    const lane = sql`(select id from queue_lanes where project_id = ${projectId} and kind = ${kindText(kind)})`;
    const found = await sql<{ id: number }>`select id from queue_lanes where project_id = ${projectId}
      and kind = ${kindText(kind)}`.execute(tx.sql);
    await sql`insert into queue_entries (job_id, lane_id, queued_at)
      select id, ${sql.lit(found.rows[0]!.id)}, 0 from jobs where project_id = ${sql.lit(projectId)} and id >= ${sql.lit(first)}
      and ((id - ${sql.lit(first)}) % ${sql.lit(PIPELINE)}) % ${sql.lit(TAGS.length)} = ${sql.lit(at)}
      on conflict (job_id) do nothing`.execute(tx.sql);
    await sql`update queue_offers set head_job_id = (select min(job_id) from queue_entries e
      where e.lane_id = queue_offers.lane_id) where lane_id = ${lane}`.execute(tx.sql);
  }
}
