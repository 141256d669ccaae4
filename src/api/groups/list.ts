import { dayOf } from '../../project/access-token.ts';
import { userOf } from '../../project/caller.ts';
import { type GroupFilter, listGroups, namespaceCounts } from '../../project/list.ts';
import { namespacesAbove } from '../../project/namespace.ts';
import { chainOf } from '../../project/standing.ts';
import { groupEntity } from '../entities/group.ts';
import { refuse } from '../errors.ts';
import { requireGroup } from '../find-group.ts';
import type { Input, InputShape } from '../input.ts';
import { decodeCursor, encodeCursor, keysetAnswer, PAGE_INPUT, pageAnswer, pageOf } from '../pagination.ts';
import { PROJECT_LIST_INPUT, projectList } from '../projects/list.ts';
import { type Answer, type Call, type Route, route } from '../route.ts';

const INPUT = {
  ...PAGE_INPUT,
  skip_groups: { type: 'comma-list' },
  all_available: { type: 'boolean' },
  search: { type: 'string' },
  order_by: { type: 'string', default: 'name', values: ['name', 'path', 'id', 'similarity'] },
  sort: { type: 'string', default: 'asc', values: ['asc', 'desc'] },
  owned: { type: 'boolean', default: false },
  min_access_level: { type: 'integer', values: [10, 15, 20, 30, 40, 50] },
  top_level_only: { type: 'boolean' },
  visibility: { type: 'string', values: ['private', 'internal', 'public'] },
  active: { type: 'boolean' },
  statistics: { type: 'boolean', default: false },
  marked_for_deletion_on: { type: 'date' },
  pagination: { type: 'string' },
  cursor: { type: 'string' },
} as const satisfies InputShape;

async function groupList(call: Call<Input<typeof INPUT>>, place: Partial<GroupFilter>): Promise<Answer> {
  const { params, rooms, caller, now, baseUrl } = call;
  const skip = (params.skip_groups ?? []).map(Number);
  if (skip.some((id) => !Number.isSafeInteger(id)))
    throw refuse.invalidParameters(['skip_groups is invalid']);
  const keyset = params.pagination === 'keyset';
  if (keyset && params.order_by !== 'name' && params.order_by !== 'id') throw refuse.keysetUnavailable();
  const page = pageOf(params);
  if (!keyset && page.offset > MAX_OFFSET) throw refuse.offsetTooLarge(MAX_OFFSET, 'Group');
  const day = params.marked_for_deletion_on;
  const dayStart = day === undefined ? 0 : Date.parse(`${day}T00:00:00Z`);
  const filter: GroupFilter = {
    search: params.search || undefined,
    skip,
    owned: params.owned,
    minAccessLevel: params.min_access_level,
    allAvailable: params.all_available,
    topLevelOnly: params.top_level_only,
    visibility: params.visibility,
    active: params.active,
    orderBy: params.order_by === 'similarity' ? 'name' : params.order_by,
    sort: params.sort,
    markedBetween: day === undefined ? undefined : [dayStart, dayStart + 86_400_000],
    after: keyset ? positionOf(params.cursor) : undefined,
    today: dayOf(now),
    ...place,
  };
  const slice = keyset ? { offset: 0, perPage: page.perPage + 1 } : page;
  const found = await listGroups(rooms.db.read, caller, filter, slice);
  const groups = found.groups.slice(0, page.perPage);
  const above = await namespacesAbove(
    rooms.db.read,
    groups.map(({ id }) => id),
  );
  const withSizes = params.statistics && (userOf(caller)?.admin ?? false);
  const items: unknown[] = [];
  for (const group of groups) {
    const sizes = withSizes ? await namespaceCounts(rooms.db.read, group.id) : null;
    items.push(groupEntity(group, chainOf(group.id, above).slice(0, -1), baseUrl, sizes));
  }
  if (!keyset) return pageAnswer(call, page, items, found.total);
  const last = groups.at(-1);
  const more = found.groups.length > groups.length && last !== undefined;
  return keysetAnswer(call, items, more ? { cursor: encodeCursor({ id: last.id, name: last.name }) } : null);
}

/** Rows that offset pagination may skip (jobs-api 2.2). */
const MAX_OFFSET = 50_000;

/** Where the last page ended; throws `Refused` for a cursor that nobody gave out. */
function positionOf(cursor: string | undefined): { id: number; name: string } | undefined {
  if (cursor === undefined || cursor === '') return undefined;
  const { id, name } = decodeCursor(cursor) ?? {};
  if (typeof id !== 'number' || typeof name !== 'string')
    throw refuse.invalidParameters(['cursor is invalid']);
  return { id, name };
}

export const listRoute = route({
  method: 'GET',
  path: '/api/v4/groups',
  access: { by: 'user', anonymous: true },
  input: INPUT,
  handle: (call) => groupList(call, {}),
});

function below(word: 'subgroups' | 'descendant_groups'): Route {
  return route({
    method: 'GET',
    path: `/api/v4/groups/:id/${word}`,
    access: { by: 'user', anonymous: true },
    input: { ...INPUT, id: { type: 'string', required: true } },
    async handle(call) {
      const { group } = await requireGroup(call, call.params.id);
      const place = word === 'subgroups' ? { parentId: group.id } : { belowPath: group.fullPath };
      return await groupList(call, place);
    },
  });
}

export const subgroupsRoute = below('subgroups');
export const descendantsRoute = below('descendant_groups');

export const groupProjectsRoute = route({
  method: 'GET',
  path: '/api/v4/groups/:id/projects',
  access: { by: 'user', anonymous: true },
  input: {
    ...PROJECT_LIST_INPUT,
    id: { type: 'string', required: true },
    include_subgroups: { type: 'boolean', default: false },
    with_shared: { type: 'boolean', default: true },
  },
  async handle(call) {
    const { group } = await requireGroup(call, call.params.id);
    const place = call.params.include_subgroups ? { belowPath: group.fullPath } : { namespaceId: group.id };
    return await projectList(call, call.params.with_shared ? { ...place, sharedWithId: group.id } : place);
  },
});
