import { jobEntity } from '../entities/job.ts';
import { refuse } from '../errors.ts';
import { requireProject } from '../find-project.ts';
import type { Input } from '../input.ts';
import { cursorId, encodeCursor, keysetAnswer, PAGE_INPUT, pageOf, uncountedAnswer } from '../pagination.ts';
import { namedJobIds, projectJobIds } from '../read/job-lists.ts';
import { jobViews } from '../read/job-view.ts';
import { type Answer, type Call, route } from '../route.ts';
import { jobContext } from './job-context.ts';
import { PROJECT_SCOPE_INPUT } from './scope.ts';

const INPUT = {
  id: { type: 'string', required: true },
  ...PROJECT_SCOPE_INPUT,
  ...PAGE_INPUT,
  pagination: { type: 'string' },
  cursor: { type: 'string' },
  order_by: { type: 'string' },
  sort: { type: 'string' },
  /** Ours, with `pagination=keyset`: part of the name; one answer searches 10,000 jobs, the next page goes on behind them. */
  name: { type: 'string' },
} as const;

/** GET /projects/:id/jobs (jobs-api 4.1). */
export const listProjectJobs = route({
  method: 'GET',
  path: '/api/v4/projects/:id/jobs',
  access: { by: 'user', jobToken: true, scopes: ['ai_workflows'] },
  input: INPUT,
  rateLimit: { bucket: 'project_jobs', perMinute: 'project_jobs_api_rate_limit' },
  async handle(call) {
    const { project } = await requireProject(call, call.params.id, 'read_build');
    const { params, rooms } = call;
    if (params.pagination === 'keyset') return keysetPage(call, project.id, async (ids) => entities(ids));
    const page = pageOf(params);
    const ids = await projectJobIds(rooms.db.read, project.id, params.scope ?? [], {
      limit: page.perPage + 1,
      offset: page.offset,
      before: null,
    });
    return uncountedAnswer(call, page, await entities(ids.slice(0, page.perPage)), ids.length > page.perPage);

    async function entities(ids: readonly number[]) {
      const context = jobContext(call, project);
      return (await jobViews(rooms.db.read, ids)).map((view) => jobEntity(view, context));
    }
  },
});

/** By id descending, nothing else; the cursor holds the last id that was seen (jobs-api 2.2). */
async function keysetPage(
  call: Call<Input<typeof INPUT>>,
  projectId: number,
  entities: (ids: readonly number[]) => Promise<unknown[]>,
): Promise<Answer> {
  const { params, rooms } = call;
  if ((params.order_by || 'id') !== 'id' || (params.sort || 'desc') !== 'desc')
    throw refuse.keysetUnavailable();
  const { perPage } = pageOf(params);
  const before = cursorId(params.cursor);
  if (params.name) {
    const which = { name: params.name, statuses: params.scope ?? [] };
    const { ids, further } = await namedJobIds(rooms.db.read, projectId, which, { limit: perPage, before });
    const next = further === null ? null : { cursor: encodeCursor({ id: further }) };
    return keysetAnswer(call, await entities(ids), next);
  }
  const ids = await projectJobIds(rooms.db.read, projectId, params.scope ?? [], {
    limit: perPage + 1,
    offset: 0,
    before,
  });
  const shown = ids.slice(0, perPage);
  const last = shown.at(-1);
  const next = ids.length > perPage && last !== undefined ? { cursor: encodeCursor({ id: last }) } : null;
  return keysetAnswer(call, await entities(shown), next);
}
