import { COMPLETED } from '../../pipeline/status.ts';
import type { Section } from '../../trace/section.ts';
import { json, route } from '../route.ts';
import { JOB_INPUT } from './find-job.ts';
import { requireTrace } from './trace.ts';

/**
 * GET /projects/:id/jobs/:job_id/trace/index: how long the log is and which sections it has; ours, not GitLab's. Lines count from
 * 0, `started_at` and `finished_at` are Unix seconds. `times` are pairs of an offset in bytes and the millisecond at
 * which what stands from there on arrived, as far as that is known.
 */
export const showTraceIndex = route({
  method: 'GET',
  path: '/api/v4/projects/:id/jobs/:job_id/trace/index',
  access: { by: 'user' },
  input: JOB_INPUT,
  async handle(call) {
    const { params, rooms } = call;
    const { job, view } = await requireTrace(call, params.id, params.job_id);
    const ended = COMPLETED.has(job.status);
    if (view === null) return json({ size: 0, lines: 0, ended, sections: [], times: [] });
    const { size, lines, sections } = await rooms.traces.index(view);
    const times = await rooms.traces.times(view);
    return json({ size, lines, ended, sections: sections.map(sectionEntity), times });
  },
});

function sectionEntity({ name, header, options, firstLine, lastLine, startedAt, endedAt }: Section) {
  const given = new Set(options.split(',').map((option) => option.trim()));
  return {
    name,
    header,
    first_line: firstLine,
    last_line: lastLine,
    started_at: startedAt,
    finished_at: endedAt,
    collapsed: given.has('collapsed=true'),
    hide_duration: given.has('hide_duration=true'),
  };
}
