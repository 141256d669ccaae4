import { errors, plainText } from '../../trace/pattern.ts';
import { refuse } from '../errors.ts';
import { json, route } from '../route.ts';
import { JOB_INPUT } from './find-job.ts';
import { requireTrace } from './trace.ts';

/**
 * GET /projects/:id/jobs/:job_id/trace/search: where `q` stands in the log, or with `kind=error` which lines look like errors
 * (`trace/pattern.ts` says which); ours, not GitLab's. `q` is plain text. Looked at is what a reader sees: no escape sequences, section
 * marks or stamps. `matches` are the first `limit` ones from line `from` on, lines counted from 0 and columns in UTF-16 code
 * units; `count` those of the whole log, or of its beginning when `complete` is false.
 */
export const searchTraceLines = route({
  method: 'GET',
  path: '/api/v4/projects/:id/jobs/:job_id/trace/search',
  access: { by: 'user' },
  input: {
    ...JOB_INPUT,
    kind: { type: 'string', values: ['text', 'error'], default: 'text' },
    q: { type: 'string', maxLength: 1000 },
    case_sensitive: { type: 'boolean', default: false },
    from: { type: 'integer', default: 0, min: 0 },
    limit: { type: 'integer', default: 1000, min: 1, max: 10_000 },
  },
  async handle(call) {
    const { params, rooms, signal } = call;
    const { view } = await requireTrace(call, params.id, params.job_id);
    const { kind, q = '', from, limit } = params;
    if (kind === 'text' && q === '') throw refuse.badRequest('q is missing');
    if (view === null) return json({ count: 0, complete: true, matches: [] });
    const pattern = kind === 'error' ? errors : plainText(q, params.case_sensitive);
    return json(await rooms.traces.search(view, { pattern, from, limit, signal }));
  },
});
