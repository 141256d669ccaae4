import { definitionById } from '../../pipeline/job-definition.ts';
import type { JobRow } from '../../pipeline/job-lookup.ts';
import { COMPLETED } from '../../pipeline/status.ts';
import { may } from '../../project/authorize.ts';
import type { TraceView } from '../../trace/read.ts';
import { rangeOf, UNTRUSTED } from '../artifact-files.ts';
import { refuse } from '../errors.ts';
import { requireProject } from '../find-project.ts';
import { type Call, route } from '../route.ts';
import { actedOn, JOB_INPUT, requireJob } from './find-job.ts';

/**
 * GET /projects/:id/jobs/:job_id/trace: the log so far, byte for byte; empty when there is none (jobs-api 4.7). A `Range` of
 * bytes is ours, not GitLab's; nothing changes for who sends none.
 */
export const showTrace = route({
  method: 'GET',
  path: '/api/v4/projects/:id/jobs/:job_id/trace',
  access: { by: 'user', scopes: ['ai_workflows'] },
  input: JOB_INPUT,
  async handle(call) {
    const { params, request } = call;
    const { job, view } = await requireTrace(call, params.id, params.job_id);
    const headers = {
      'content-type': 'text/plain',
      'content-disposition': `infile; filename="${job.id}.log"`,
      'accept-ranges': 'bytes',
      ...UNTRUSTED,
    };
    if (view === null) return { status: 200, headers: { ...headers, 'content-length': '0' }, body: '' };
    const range = rangeOf(request.headers, view.size, view.etag);
    if (range === 'outside') throw refuse.rangeNotSatisfiable(view.size);
    const { start, end } = range ?? { start: 0, end: view.size };
    const sent = { ...headers, etag: view.etag, 'content-length': String(end - start) };
    if (range === null) return { status: 200, headers: sent, body: view.stream() };
    const contentRange = `bytes ${start}-${end - 1}/${view.size}`;
    return {
      status: 206,
      headers: { ...sent, 'content-range': contentRange },
      body: view.stream(start, end),
    };
  },
});

/** What checks of a log need of a call. */
export type TraceCall = Pick<Call, 'caller' | 'rooms' | 'now' | 'path' | 'request' | 'baseUrl'>;

/** The job and its log, which the caller may read, so that its runner is told of a reader. The log is null when there is none. */
export async function requireTrace(
  call: TraceCall,
  id: string,
  jobId: number,
): Promise<{ job: JobRow; view: TraceView | null }> {
  const job = await requireReadableTrace(call, id, jobId);
  const view = await call.rooms.traces.view(job.id);
  // Who came before the first output waits for it too.
  if (view?.live ?? !COMPLETED.has(job.status)) call.rooms.traces.watching.read(job.id, call.now);
  return { job, view };
}

/** The job whose log the caller may read: project, read_build, job, read_build_trace, in this order (jobs-api 1.2). */
export async function requireReadableTrace(call: TraceCall, id: string, jobId: number): Promise<JobRow> {
  const { project, viewer } = await requireProject(call, id, 'read_build');
  const job = await requireJob(call, project, jobId);
  const debug = job.debug || (await asksForDebug(call, job));
  const on = { ...(await actedOn(call, project, job)), debug };
  if (!may(viewer, 'read_build_trace', on)) throw refuse.forbidden();
  return job;
}

const DEBUG = new Set(['CI_DEBUG_TRACE', 'CI_DEBUG_SERVICES']);

/** Whether the job's own variables switch on what prints secrets; the runner tells of all other ways (security 4.1 note 1). */
export async function asksForDebug(call: Pick<Call, 'rooms'>, job: JobRow): Promise<boolean> {
  const { variables } = await definitionById(call.rooms.db.read, job.definitionId);
  return variables.some(({ key, value }) => DEBUG.has(key) && /^(true|1)$/i.test(value));
}
