import { statement } from '../../db/statement.ts';
import type { Reading } from '../../db/transaction.ts';
import type { JobFacts, JobMoment, PipelineFacts, PipelineMoment } from '../hook/facts.ts';
import type { PipelineOrigin } from '../variables/predefined.ts';
import { marks, paddedLists } from './in-list.ts';

interface JobMomentRow {
  id: number;
  status: string;
  started_at: number | null;
  finished_at: number | null;
  queued_at: number | null;
  runner_id: number | null;
  failure_reason: string | null;
  allow_failure: number;
}

const COLUMNS = `jobs.id, jobs.status, jobs.started_at, jobs.finished_at, jobs.queued_at, jobs.runner_id,
  jobs.failure_reason, jobs.allow_failure`;
/** Jobs of users who were blocked are not told of (rest-resources 10.4). */
const OF_ACTIVE = `from jobs left join users on users.id = jobs.user_id
  where jobs.type = 'build' and (users.state is null or users.state <> 'blocked')`;

const ofPipeline = statement<JobMomentRow>(
  `select ${COLUMNS} from jobs where pipeline_id = ? and retried = 0 and type = 'build' order by id`,
);
const activeOfPipeline = statement<JobMomentRow>(
  `select ${COLUMNS} ${OF_ACTIVE} and jobs.pipeline_id = ? and jobs.retried = 0 order by jobs.id`,
);
const byIds = new Map<number, ReturnType<typeof statement<JobMomentRow>>>();
const pipelineRow = statement<{
  id: number;
  status: string;
  started_at: number | null;
  finished_at: number | null;
  duration: number | null;
}>('select id, status, started_at, finished_at, duration from pipelines where id = ?');
const origin = statement<{ origin: string | null; source_pipeline_id: number | null }>(
  'select origin, source_pipeline_id from pipelines where id = ?',
);
/** How far above a pipeline its chain is looked for. */
const MAX_ABOVE = 20;

/** What builds look like now, in the order of ids. */
export async function jobFacts(
  reading: Reading,
  pipelineId: number,
  jobIds: readonly number[] | 'all',
): Promise<JobFacts[]> {
  const rows = jobIds === 'all' ? await activeOfPipeline(reading, pipelineId) : await rowsOf(reading, jobIds);
  if (rows.length === 0) return [];
  const pipeline = await pipelineMoment(reading, pipelineId);
  return rows.map((row) => ({ kind: 'job', job: momentOf(row), pipeline }));
}

/** What a pipeline and its builds look like now. */
export async function pipelineFacts(reading: Reading, pipelineId: number): Promise<PipelineFacts> {
  const pipeline = await pipelineMoment(reading, pipelineId);
  return { kind: 'pipeline', pipeline, builds: (await ofPipeline(reading, pipelineId)).map(momentOf) };
}

/** The chain of hooks that led to a pipeline, or to one above it; null without. */
export async function pipelineChain(reading: Reading, pipelineId: number): Promise<string | null> {
  let id: number | null = pipelineId;
  for (let above = 0; id !== null && above < MAX_ABOVE; above++) {
    const [row]: { origin: string | null; source_pipeline_id: number | null }[] = await origin(reading, id);
    const { hookChain } = JSON.parse(row?.origin ?? '{}') as PipelineOrigin;
    if (hookChain !== undefined) return hookChain;
    id = row?.source_pipeline_id ?? null;
  }
  return null;
}

async function rowsOf(reading: Reading, ids: readonly number[]): Promise<JobMomentRow[]> {
  const rows: JobMomentRow[] = [];
  for (const { padded } of paddedLists(ids)) {
    const run =
      byIds.get(padded.length) ??
      statement<JobMomentRow>(`select ${COLUMNS} ${OF_ACTIVE} and jobs.id in (${marks(padded.length)})`);
    byIds.set(padded.length, run);
    rows.push(...(await run(reading, ...padded)));
  }
  return rows.sort((a, b) => a.id - b.id);
}

async function pipelineMoment(reading: Reading, id: number): Promise<PipelineMoment> {
  const [row] = await pipelineRow(reading, id);
  if (row === undefined) throw new Error(`pipeline ${id} is gone`);
  const { started_at: startedAt, finished_at: finishedAt, status, duration } = row;
  return { id, status, startedAt, finishedAt, duration };
}

function momentOf(row: JobMomentRow): JobMoment {
  return {
    id: row.id,
    status: row.status,
    startedAt: row.started_at,
    finishedAt: row.finished_at,
    queuedAt: row.queued_at,
    runnerId: row.runner_id,
    failureReason: row.failure_reason,
    allowFailure: row.allow_failure === 1,
  };
}
