import { dayOf } from '../../project/access-token.ts';
import { userOf } from '../../project/caller.ts';
import { listProjects, type ProjectFilter } from '../../project/list.ts';
import { namespaceOfUser } from '../../project/namespace.ts';
import { type User, userById, userByUsername } from '../../project/user.ts';
import { refuse } from '../errors.ts';
import type { Input, InputShape } from '../input.ts';
import { keysetAnswer, PAGE_INPUT, pageAnswer, pageOf } from '../pagination.ts';
import { type Answer, type Call, route } from '../route.ts';
import { withLastPipelines } from './last-pipeline.ts';
import { projectViews } from './views.ts';

/** Rows that offset pagination may skip (rest-resources 1.2). */
const MAX_OFFSET = 50_000;

/** Filters of every list of projects (rest-resources 1.2). */
export const PROJECT_LIST_INPUT = {
  ...PAGE_INPUT,
  archived: { type: 'boolean' },
  visibility: { type: 'string', values: ['private', 'internal', 'public'] },
  search: { type: 'string' },
  search_namespaces: { type: 'boolean' },
  owned: { type: 'boolean', default: false },
  membership: { type: 'boolean', default: false },
  starred: { type: 'boolean', default: false },
  imported: { type: 'boolean', default: false },
  min_access_level: { type: 'integer', values: [10, 15, 20, 30, 40, 50] },
  simple: { type: 'boolean', default: false },
  order_by: {
    type: 'string',
    default: 'created_at',
    values: [
      'id',
      'name',
      'path',
      'created_at',
      'updated_at',
      'last_activity_at',
      'similarity',
      'star_count',
      'storage_size',
      'repository_size',
      'wiki_size',
      'packages_size',
    ],
  },
  sort: { type: 'string', default: 'desc', values: ['asc', 'desc'] },
  id_after: { type: 'integer' },
  id_before: { type: 'integer' },
  last_activity_after: { type: 'time' },
  last_activity_before: { type: 'time' },
  updated_after: { type: 'time' },
  updated_before: { type: 'time' },
  active: { type: 'boolean' },
  statistics: { type: 'boolean' },
  marked_for_deletion_on: { type: 'date' },
  pagination: { type: 'string' },
  /** Ours: each item also has its newest pipeline, `last_pipeline`. */
  with_last_pipeline: { type: 'boolean' },
} as const satisfies InputShape;

type ListParams = Input<typeof PROJECT_LIST_INPUT>;

/** One page of the projects the caller may see, within `place`. */
export async function projectList(
  call: Call<ListParams>,
  place: Partial<ProjectFilter> = {},
): Promise<Answer> {
  const { params, caller } = call;
  const keyset = params.pagination === 'keyset';
  if (keyset && params.order_by !== 'id') throw refuse.keysetUnavailable();
  const page = pageOf(params);
  if (!keyset && page.offset > MAX_OFFSET) throw refuse.offsetTooLarge(MAX_OFFSET, 'Project');
  // Nobody imports here.
  const { projects, total } =
    params.imported && caller.kind !== 'anonymous'
      ? { projects: [], total: 0 }
      : await listProjects(
          call.rooms.db.read,
          caller,
          filterOf(call, place),
          keyset ? { offset: 0, perPage: page.perPage + 1 } : page,
        );
  const shown = projects.slice(0, page.perPage);
  const simple = params.simple || caller.kind === 'anonymous';
  const views = await projectViews(call, shown, simple ? 'basic' : 'with_permissions', params);
  const items = params.with_last_pipeline === true ? await withLastPipelines(call, shown, views) : views;
  if (!keyset) return pageAnswer(call, page, items, total);
  const last = shown.at(-1);
  const more = projects.length > shown.length && last !== undefined;
  const name = params.sort === 'asc' ? 'id_after' : 'id_before';
  return keysetAnswer(call, items, more ? { [name]: last.id } : null);
}

function filterOf(call: Call<ListParams>, place: Partial<ProjectFilter>): ProjectFilter {
  const { params, caller, now } = call;
  const user = userOf(caller);
  const day = params.marked_for_deletion_on;
  const dayStart = day === undefined ? 0 : Date.parse(`${day}T00:00:00Z`);
  return {
    archived: params.archived,
    visibility: params.visibility,
    search: params.search || undefined,
    searchNamespaces: params.search_namespaces,
    owned: params.owned,
    membership: params.membership,
    minAccessLevel: params.min_access_level,
    idAfter: params.id_after,
    idBefore: params.id_before,
    lastActivityAfter: params.last_activity_after,
    lastActivityBefore: params.last_activity_before,
    updatedAfter: params.updated_after,
    updatedBefore: params.updated_before,
    active: params.active,
    markedBetween: day === undefined ? undefined : [dayStart, dayStart + 86_400_000],
    starredBy: params.starred ? user?.id : undefined,
    orderBy: orderOf(params.order_by, user?.admin ?? false),
    sort: params.sort,
    today: dayOf(now),
    ...place,
  };
}

/** Sizes are for administrators; who may not use an order gets the usual one (rest-resources 1.2). */
function orderOf(wanted: ListParams['order_by'], admin: boolean): ProjectFilter['orderBy'] {
  switch (wanted) {
    case 'storage_size':
    case 'repository_size':
      return admin ? wanted : 'created_at';
    case 'similarity':
    case 'wiki_size':
    case 'packages_size':
      return 'created_at';
    default:
      return wanted;
  }
}

export const listRoute = route({
  method: 'GET',
  path: '/api/v4/projects',
  access: { by: 'user', anonymous: true },
  input: PROJECT_LIST_INPUT,
  handle: (call) => projectList(call),
});

export const userProjectsRoute = route({
  method: 'GET',
  path: '/api/v4/users/:user_id/projects',
  access: { by: 'user', anonymous: true },
  input: { user_id: { type: 'string', required: true }, ...PROJECT_LIST_INPUT },
  async handle(call) {
    const user = await userNamed(call, call.params.user_id);
    const namespace = await namespaceOfUser(call.rooms.db.read, user.id);
    return await projectList(call, { namespaceId: namespace.id });
  },
});

/** GET /users/:user_id/starred_projects: those of them that the caller may see. */
export const userStarredRoute = route({
  method: 'GET',
  path: '/api/v4/users/:user_id/starred_projects',
  access: { by: 'user', anonymous: true },
  input: { user_id: { type: 'string', required: true }, ...PROJECT_LIST_INPUT },
  async handle(call) {
    const user = await userNamed(call, call.params.user_id);
    return await projectList(call, { starredBy: user.id });
  },
});

async function userNamed(call: Pick<Call, 'rooms'>, name: string): Promise<User> {
  const { read } = call.rooms.db;
  const user = /^\d{1,15}$/.test(name)
    ? await userById(read, Number(name))
    : await userByUsername(read, name);
  if (user === null) throw refuse.notFound('User');
  return user;
}
