import { findLines } from '../../trace/lines.ts';
import { UNTRUSTED } from '../artifact-files.ts';
import { route } from '../route.ts';
import { JOB_INPUT } from './find-job.ts';
import { requireTrace } from './trace.ts';

/** Lines of one answer at most. */
const MAX_LINES = 5000;

/**
 * GET /projects/:id/jobs/:job_id/trace/lines: the bytes of `limit` lines from line `first` on, counted from 0; ours, not GitLab's. The
 * headers say which line comes first, at which offset it begins, and how many lines the log has. A newline before the
 * stamp of a continued line ends none (`trace/line.ts`).
 */
export const showTraceLines = route({
  method: 'GET',
  path: '/api/v4/projects/:id/jobs/:job_id/trace/lines',
  access: { by: 'user' },
  input: {
    ...JOB_INPUT,
    first: { type: 'integer', default: 0, min: 0 },
    limit: { type: 'integer', default: 1000, min: 1, max: MAX_LINES },
  },
  async handle(call) {
    const { params, rooms } = call;
    const { view } = await requireTrace(call, params.id, params.job_id);
    const index = view === null ? null : await rooms.traces.index(view);
    const range =
      view === null || index === null
        ? { first: 0, start: 0, end: 0 }
        : await findLines(view, index, params.first, params.limit);
    const headers = {
      'content-type': 'text/plain',
      'cache-control': 'no-store',
      'x-teaspoon-first-line': String(range.first),
      'x-teaspoon-total-lines': String(index?.lines ?? 0),
      'x-teaspoon-offset': String(range.start),
      'content-length': String(range.end - range.start),
      ...UNTRUSTED,
    };
    return { status: 200, headers, body: view?.stream(range.start, range.end) ?? '' };
  },
});
