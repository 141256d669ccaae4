import { jobById } from '../../pipeline/job-lookup.ts';
import { COMPLETED } from '../../pipeline/status.ts';
import { type Next, nextBytes } from '../../trace/live.ts';
import { type Answer, type Call, route } from '../route.ts';
import { JOB_INPUT } from './find-job.ts';
import { requireReadableTrace } from './trace.ts';

/** Longest wait of one call, in seconds: below the time-outs of common proxies. */
const MAX_WAIT = 50;

/**
 * GET /projects/:id/jobs/:job_id/trace/follow: what follows `offset` (bytes), waiting up to `wait` seconds for it; ours, not
 * GitLab's. `X-Trace-Offset` is the offset to ask with next, `X-Trace-State` says `open`, `ended` (nothing will follow) or
 * `restarted` (the runner sends its log again: begin at 0).
 */
export const followTrace = route({
  method: 'GET',
  path: '/api/v4/projects/:id/jobs/:job_id/trace/follow',
  access: { by: 'user' },
  input: {
    ...JOB_INPUT,
    offset: { type: 'integer', default: 0, min: 0 },
    wait: { type: 'integer', default: 20, min: 0, max: MAX_WAIT },
  },
  async handle(call) {
    const { params, rooms, signal, now } = call;
    const { db, traces } = rooms;
    const job = await requireReadableTrace(call, params.id, params.job_id);
    traces.watching.read(job.id, now);
    const next = await nextBytes(traces, db.notifications, {
      jobId: job.id,
      offset: params.offset,
      timeout: params.wait * 1000,
      signal: AbortSignal.any([signal, traces.watching.ended]),
      ended: () => hasEnded(call, job.id),
    });
    // What came may say that it is not for everybody (debug_trace).
    await requireReadableTrace(call, params.id, params.job_id);
    return answer(next, params.offset);
  },
});

function answer(next: Next, offset: number): Answer {
  const bytes = next.kind === 'bytes' ? next.bytes : Buffer.alloc(0);
  const headers = {
    'content-type': 'text/plain',
    'cache-control': 'no-store',
    'x-trace-offset': String(next.kind === 'restarted' ? 0 : offset + bytes.length),
    'x-trace-state': next.kind === 'ended' || next.kind === 'restarted' ? next.kind : 'open',
  };
  return { status: 200, headers, body: bytes };
}

/** Whether the job is over, so that nothing will follow. */
export async function hasEnded({ rooms }: Pick<Call, 'rooms'>, jobId: number): Promise<boolean> {
  return COMPLETED.has((await jobById(rooms.db.read, jobId))?.status ?? 'canceled');
}
