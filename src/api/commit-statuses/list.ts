import { resolve } from '../../git/refs.ts';
import { usersByIds } from '../../project/user.ts';
import { commitStatus } from '../entities/commit-status.ts';
import { refuse } from '../errors.ts';
import { type Found, requireProject } from '../find-project.ts';
import { PAGE_INPUT, pageAnswer, pageOf } from '../pagination.ts';
import { type CommitStatusRow, commitStatusRows } from '../read/commit-statuses.ts';
import { type Call, route } from '../route.ts';

/** GET …/repository/commits/:sha/statuses (rest-resources 4.3 and 12.2): jobs of ours too, the newest of each name. */
export const listStatuses = route({
  method: 'GET',
  path: '/api/v4/projects/:id/repository/commits/:sha/statuses',
  access: { by: 'user' },
  input: {
    id: { type: 'string', required: true },
    sha: { type: 'string', required: true },
    ref: { type: 'string' },
    stage: { type: 'string' },
    name: { type: 'string' },
    pipeline_id: { type: 'integer' },
    all: { type: 'boolean', default: false },
    order_by: { type: 'string', values: ['id', 'pipeline_id'], default: 'id' },
    sort: { type: 'string', values: ['asc', 'desc'], default: 'asc' },
    ...PAGE_INPUT,
  },
  async handle(call) {
    const { params, rooms } = call;
    const found = await requireProject(call, params.id, 'read_build');
    const sha = await resolve(rooms.repositories, found.project.id, params.sha);
    if (sha === null) throw refuse.notFound('Commit');
    const page = pageOf(params);
    const { rows, total } = await commitStatusRows(
      rooms.db.read,
      found.project.id,
      sha,
      { ...params, pipelineId: params.pipeline_id },
      { by: params.order_by, direction: params.sort },
      { limit: page.perPage, offset: page.offset },
    );
    return pageAnswer(call, page, await statusEntities(call, found, rows), total);
  },
});

/** Rows as CommitStatus entities, with their authors. */
export async function statusEntities(
  { rooms, baseUrl }: Pick<Call, 'rooms' | 'baseUrl'>,
  { project }: Pick<Found, 'project'>,
  rows: readonly CommitStatusRow[],
) {
  const ids = rows.flatMap(({ user_id }) => user_id ?? []);
  const users = await usersByIds(rooms.db.read, [...new Set(ids)]);
  const at = { baseUrl, projectPath: project.fullPath };
  return rows.map((row) => commitStatus(row, users.get(row.user_id ?? 0), at));
}
