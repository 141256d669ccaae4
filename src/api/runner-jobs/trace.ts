import { applyEvent, noteSignOfLife } from '../../pipeline/job.ts';
import { markDebug } from '../../pipeline/job-marks.ts';
import { instanceSettings } from '../../project/instance-settings.ts';
import { digestOf } from '../../project/token.ts';
import { noteHeartbeat } from '../../runner/manager.ts';
import { type AppendResult, startOf } from '../../trace/append.ts';
import { readAll } from '../body.ts';
import { Refused, refuse } from '../errors.ts';
import { type TracedJob, tracedJob } from '../read/traced-job.ts';
import { type Answer, type Call, type Route, route } from '../route.ts';
import { jobTokenOf, requireExecutingJob, TRACE_LIMIT } from './executing-job.ts';

const MIB = 1024 * 1024;
/** Largest body of one PATCH (security LIM-1). */
const MAX_PATCH_BYTES = 8 * 1024 * 1024;
/** A runner behind a thin line sends a mebibyte for minutes, and sends it again when it is cut off. */
const PATCH_TIMEOUT_MS = 10 * 60_000;
const ALIVE_EVERY_MS = 60_000;

/** PATCH /jobs/:id/trace: a runner sends what its job printed (runner-api 4). 202 only when it is on disk. */
export const appendTrace = route({
  method: 'PATCH',
  path: '/api/v4/jobs/:id/trace',
  access: { by: 'job' },
  rateLimit: TRACE_LIMIT,
  input: {
    id: { type: 'integer', required: true },
    token: { type: 'string' },
    debug_trace: { type: 'boolean', default: false },
  },
  body: 'stream',
  async handle(call) {
    const { rooms, params, request, now } = call;
    const job = await requireTracedJob(call, params.id, params.token);
    const header = request.headers['content-range'];
    const start = startOf(typeof header === 'string' ? header : undefined);
    if (start === null) throw refuse.contentRangeMissing({ 'job-status': job.status });
    const bytes = await readAll(request, MAX_PATCH_BYTES, PATCH_TIMEOUT_MS);
    await noteAlive(call, job);
    if (start === 0 && params.debug_trace && !job.debug)
      await rooms.db.transaction((tx) => markDebug(tx, job.id));
    const limit = await limitFor(call, start + bytes.length);
    const chunk = { jobId: job.id, start, bytes, limit, now };
    return answer(call, job, await rooms.traces.append(chunk));
  },
});

export const traceRoutes: readonly Route[] = [appendTrace];

/** Bytes that a log may have. No limit is below a mebibyte, so a log that stays below need not ask. */
async function limitFor({ rooms }: Pick<Call, 'rooms'>, size: number): Promise<number> {
  if (size <= MIB) return MIB;
  const { ci_jobs_trace_size_limit: limit } = await instanceSettings(rooms.db.read);
  return limit === 0 ? Number.MAX_SAFE_INTEGER : limit * MIB;
}

/** In one narrow read; whoever is refused by it learns why as on every other route of a runner. */
async function requireTracedJob(
  call: Pick<Call, 'rooms' | 'request' | 'now'>,
  id: number,
  parameter: string | undefined,
): Promise<TracedJob> {
  const token = jobTokenOf(call.request, parameter);
  const job = token === '' ? null : await tracedJob(call.rooms.db.read, id, digestOf(token));
  if (job !== null) return job;
  const { status, debug, runnerId, runnerManagerId, updatedAt } = await requireExecutingJob(
    call,
    id,
    parameter,
  );
  return { id, status, debug, runnerId, managerId: runnerManagerId, updatedAt };
}

async function answer(call: Call<object>, job: TracedJob, result: AppendResult): Promise<Answer> {
  const status = { 'job-status': job.status };
  if (result.ok) {
    const interval = String(call.rooms.traces.watching.interval(job.id, call.now));
    return {
      status: 202,
      headers: { ...status, range: `0-${result.size}`, 'x-gitlab-trace-update-interval': interval },
    };
  }
  switch (result.reason) {
    case 'offset':
      throw refuse.wrongOffset(result.size, status);
    case 'busy':
      throw refuse.resourceLocked();
    case 'too_large':
      throw await dropped(call, job);
    case 'closed':
      throw withHeaders(refuse.forbidden(), status);
    case 'full':
      throw refuse.storageFull();
    case 'broken':
      throw refuse.storageFailed();
  }
}

/** The log passed its limit: the job fails, and the runner learns to stop (security LIM-2). */
async function dropped(call: Call<object>, job: TracedJob): Promise<Refused> {
  const result = await call.rooms.db.transaction((tx) =>
    applyEvent(tx, job.id, { type: 'drop', reason: 'trace_size_exceeded' }, call.now),
  );
  return withHeaders(refuse.forbidden(), { 'job-status': 'job' in result ? result.job.status : 'failed' });
}

function withHeaders({ answer }: Refused, headers: Record<string, string>): Refused {
  return new Refused({ ...answer, headers: { ...answer.headers, ...headers } });
}

/** A PATCH is a sign of life of the job, its runner and its manager; what was written lately is not written again. */
async function noteAlive(call: Call<object>, job: TracedJob): Promise<void> {
  const { rooms, now } = call;
  if (now - job.updatedAt < ALIVE_EVERY_MS) return;
  await rooms.db.transaction((tx) => noteSignOfLife(tx, job.id, now));
  await noteHeartbeat(rooms.db, { runnerId: job.runnerId, managerId: job.managerId }, now);
}
