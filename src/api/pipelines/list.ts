import { listBranches, listTags } from '../../git/refs.ts';
import { STATUSES } from '../../pipeline/status.ts';
import { userByUsername } from '../../project/user.ts';
import { pipelineListDetails, pipelineListItem } from '../entities/pipeline.ts';
import { refuse } from '../errors.ts';
import { requireProject } from '../find-project.ts';
import type { Input } from '../input.ts';
import { PAGE_INPUT, pageAnswer, pageOf } from '../pagination.ts';
import { pipelineDetails } from '../read/pipeline-details.ts';
import { listPipelines, type PipelineFilter } from '../read/pipelines.ts';
import { type Call, route } from '../route.ts';
import { seesBuilds } from './find-pipeline.ts';
import { SOURCES } from './sources.ts';

const INPUT = {
  id: { type: 'string', required: true },
  ...PAGE_INPUT,
  scope: { type: 'string', values: ['running', 'pending', 'finished', 'branches', 'tags'] },
  status: { type: 'string', values: STATUSES },
  ref: { type: 'string' },
  sha: { type: 'string' },
  yaml_errors: { type: 'boolean' },
  name: { type: 'string' },
  username: { type: 'string' },
  source: { type: 'string', values: SOURCES },
  created_after: { type: 'time' },
  created_before: { type: 'time' },
  updated_after: { type: 'time' },
  updated_before: { type: 'time' },
  order_by: { type: 'string', values: ['id', 'status', 'ref', 'updated_at', 'user_id'], default: 'id' },
  sort: { type: 'string', values: ['asc', 'desc'], default: 'desc' },
  /** Ours: each item also has its commit, user, stages and times. */
  with_details: { type: 'boolean' },
} as const;

/** Statuses of pipelines by the scopes that stand for some. */
export const STATUSES_OF_SCOPE: Record<string, readonly string[]> = {
  running: ['running'],
  pending: ['pending'],
  finished: ['success', 'failed', 'canceled'],
};

/** GET /projects/:id/pipelines (rest-resources 6.4). */
export const listProjectPipelines = route({
  method: 'GET',
  path: '/api/v4/projects/:id/pipelines',
  access: { by: 'user', anonymous: true, jobToken: true, scopes: ['ai_workflows'] },
  input: INPUT,
  async handle(call) {
    const { params, rooms } = call;
    const found = await requireProject(call, params.id, 'read_pipeline');
    if (!seesBuilds(found)) throw refuse.forbidden();
    const page = pageOf(params);
    const filter = await filterOf(call, found.project.id);
    if (filter === null) return pageAnswer(call, page, [], 0);
    const { rows, total } = await listPipelines(
      rooms.db.read,
      found.project.id,
      filter,
      { by: params.order_by, direction: params.sort },
      { limit: page.perPage, offset: page.offset },
    );
    const projectUrl = `${call.baseUrl}/${found.project.fullPath}`;
    const items = rows.map((row) => pipelineListItem(row, projectUrl));
    if (params.with_details !== true) return pageAnswer(call, page, items, total);
    const details = await pipelineDetails(rooms.db.read, rows);
    const whole = items.map((item, index) => ({
      ...item,
      ...pipelineListDetails(rows[index]!, details[index]!, call.baseUrl),
    }));
    return pageAnswer(call, page, whole, total);
  },
});

/** Null: nothing can match. */
async function filterOf(call: Call<Input<typeof INPUT>>, projectId: number): Promise<PipelineFilter | null> {
  const { params, rooms } = call;
  const filter: PipelineFilter = {
    ref: params.ref,
    sha: params.sha,
    yamlErrors: params.yaml_errors,
    name: params.name,
    source: params.source,
    createdAfter: params.created_after,
    createdBefore: params.created_before,
    updatedAfter: params.updated_after,
    updatedBefore: params.updated_before,
  };
  if (params.status !== undefined) filter.statuses = [params.status];
  if (params.scope !== undefined && params.scope in STATUSES_OF_SCOPE)
    filter.statuses = STATUSES_OF_SCOPE[params.scope];
  if (params.scope === 'branches' || params.scope === 'tags') {
    const kind = params.scope === 'tags' ? 'tag' : 'branch';
    const list = kind === 'tag' ? listTags : listBranches;
    const refs = await list(rooms.repositories, projectId);
    filter.newestPer = { kind, names: refs.map((ref) => ref.name) };
  }
  if (params.username !== undefined) {
    const user = await userByUsername(rooms.db.read, params.username);
    if (user === null) return null;
    filter.userId = user.id;
  }
  return filter;
}
