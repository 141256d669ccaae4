import { dayOf } from '../../project/access-token.ts';
import { MAINTAINER } from '../../project/authorize.ts';
import { userOf } from '../../project/caller.ts';
import { groupViewerOf, mayInGroup } from '../../project/group-access.ts';
import { listNamespaces, namespaceCounts } from '../../project/list.ts';
import { findNamespace, type Namespace, namespaceById } from '../../project/namespace.ts';
import { namespaceEntity } from '../entities/namespace.ts';
import { refuse } from '../errors.ts';
import { PAGE_INPUT, pageAnswer, pageOf } from '../pagination.ts';
import { type Call, json, route } from '../route.ts';

/** GET /namespaces: those the caller may create in (rest-resources 3.3). */
export const listRoute = route({
  method: 'GET',
  path: '/api/v4/namespaces',
  access: { by: 'user' },
  input: {
    ...PAGE_INPUT,
    search: { type: 'string' },
    owned_only: { type: 'boolean' },
    top_level_only: { type: 'boolean' },
    full_path_search: { type: 'boolean' },
  },
  async handle(call) {
    const { params, rooms, caller, now, baseUrl } = call;
    const page = pageOf(params);
    const filter = {
      search: params.search || undefined,
      ownedOnly: params.owned_only,
      topLevelOnly: params.top_level_only,
      fullPathSearch: params.full_path_search,
      today: dayOf(now),
    };
    const { namespaces, total } = await listNamespaces(rooms.db.read, caller, filter, page);
    const items: unknown[] = [];
    for (const namespace of namespaces) {
      items.push(namespaceEntity(namespace, baseUrl, await countsOf(call, namespace)));
    }
    return pageAnswer(call, page, items, total);
  },
});

/** GET /namespaces/:id, by number or full path. */
export const showRoute = route({
  method: 'GET',
  path: '/api/v4/namespaces/:id',
  access: { by: 'user' },
  input: { id: { type: 'string', required: true } },
  async handle(call) {
    const { rooms, caller, now, baseUrl } = call;
    const namespace = await findNamespace(rooms.db.read, call.params.id);
    if (namespace === null) throw refuse.notFound('Namespace');
    const own = userOf(caller);
    if (namespace.kind === 'user') {
      if (namespace.ownerId !== own?.id && !own?.admin) throw refuse.notFound('Namespace');
    } else {
      const viewer = await groupViewerOf(rooms.db.read, caller, namespace, now);
      if (!mayInGroup(viewer, 'read_group', namespace)) throw refuse.notFound('Namespace');
    }
    return json(namespaceEntity(namespace, baseUrl, await countsOf(call, namespace)));
  },
});

/** What is in a group, for who is maintainer of it; null for others, and for users' own namespaces. */
async function countsOf(
  { rooms, caller, now }: Pick<Call, 'rooms' | 'caller' | 'now'>,
  namespace: Namespace,
) {
  if (namespace.kind === 'user') return null;
  const { level, admin } = await groupViewerOf(rooms.db.read, caller, namespace, now);
  return admin || level >= MAINTAINER ? await namespaceCounts(rooms.db.read, namespace.id) : null;
}

/** GET /namespaces/:path/exists: whether a path is taken, and free ones like it. */
export const existsRoute = route({
  method: 'GET',
  path: '/api/v4/namespaces/:path/exists',
  access: { by: 'user' },
  input: { path: { type: 'string', required: true }, parent_id: { type: 'integer' } },
  async handle(call) {
    const { params, rooms } = call;
    const { read } = rooms.db;
    const parent = params.parent_id === undefined ? null : await namespaceById(read, params.parent_id);
    const prefix = parent === null ? '' : `${parent.fullPath}/`;
    const taken = async (path: string) =>
      !/^\d+$/.test(path) && (await findNamespace(read, prefix + path)) !== null;
    if (!(await taken(params.path))) return json({ exists: false, suggests: [] });
    let number = 1;
    while (await taken(`${params.path}${number}`)) number++;
    return json({ exists: true, suggests: [`${params.path}${number}`] });
  },
});
