import { listUsers } from '../../project/list.ts';
import { membershipsOf } from '../../project/memberships.ts';
import { namespaceOfUser } from '../../project/namespace.ts';
import { type User, userById } from '../../project/user.ts';
import { userAdmin, userBasic, userDetailsAdmin, userEntity, userPublic } from '../entities/user.ts';
import { refuse } from '../errors.ts';
import { PAGE_INPUT, pageAnswer, pageOf } from '../pagination.ts';
import { type Call, json, route } from '../route.ts';

const SCOPES = ['read_user'];

/** GET /user: whoever calls (rest-resources 2.1). */
export const selfRoute = route({
  method: 'GET',
  path: '/api/v4/user',
  access: { by: 'user', scopes: SCOPES },
  input: {},
  async handle(call) {
    if (call.caller.kind === 'anonymous') throw refuse.unauthorized();
    const { user } = call.caller;
    return json(user.admin ? await adminView(call, user) : userPublic(user, call.baseUrl));
  },
});

/** GET /users/:id. */
export const showRoute = route({
  method: 'GET',
  path: '/api/v4/users/:id',
  access: { by: 'user', anonymous: true, scopes: SCOPES },
  input: { id: { type: 'integer', required: true } },
  async handle(call) {
    const { caller, rooms, baseUrl, now } = call;
    if (caller.kind === 'anonymous') throw refuse.forbidden('Not authorized!');
    const user = await userById(rooms.db.read, call.params.id);
    if (user === null) throw refuse.notFound('User');
    if (!caller.user.admin) {
      const hidden = user.profile.private_profile === true && user.id !== caller.user.id;
      return json(hidden ? userBasic(user, baseUrl) : userEntity(user, baseUrl));
    }
    const memberships = await membershipsOf(rooms.db.read, user.id, now);
    const highest = memberships.reduce((level, { accessLevel }) => Math.max(level, accessLevel), 0);
    const namespace = await namespaceOfUser(rooms.db.read, user.id);
    return json(userDetailsAdmin(user, namespace.id, highest, baseUrl));
  },
});

/** GET /users: anonymous callers ask for one name only, administrators see and filter more (rest-resources 2.1). */
export const listRoute = route({
  method: 'GET',
  path: '/api/v4/users',
  access: { by: 'user', anonymous: true, scopes: SCOPES },
  input: {
    ...PAGE_INPUT,
    username: { type: 'string' },
    search: { type: 'string' },
    active: { type: 'boolean', default: false },
    blocked: { type: 'boolean', default: false },
    external: { type: 'boolean' },
    exclude_external: { type: 'boolean', default: false },
    admins: { type: 'boolean', default: false },
    humans: { type: 'boolean', default: false },
    without_project_bots: { type: 'boolean', default: false },
    exclude_internal: { type: 'boolean', default: false },
    exclude_active: { type: 'boolean', default: false },
    exclude_humans: { type: 'boolean', default: false },
    without_projects: { type: 'boolean', default: false },
    public_email: { type: 'string' },
    extern_uid: { type: 'string' },
    provider: { type: 'string' },
    created_after: { type: 'time' },
    created_before: { type: 'time' },
    order_by: {
      type: 'string',
      default: 'id',
      values: ['id', 'name', 'username', 'created_at', 'updated_at'],
    },
    sort: { type: 'string', default: 'desc', values: ['asc', 'desc'] },
  },
  rules: [{ allOrNone: ['extern_uid', 'provider'] }],
  async handle(call) {
    const { params, caller, rooms, baseUrl } = call;
    if (caller.kind === 'anonymous' && params.username === undefined) {
      throw refuse.forbidden('Not authorized to access /api/v4/users');
    }
    const admin = caller.kind !== 'anonymous' && caller.user.admin;
    const external = params.exclude_external ? false : params.external || undefined;
    const filter = {
      username: params.username,
      search: params.search || undefined,
      searchEmails: admin,
      active: params.active,
      blocked: params.blocked,
      external,
      admins: admin && params.admins,
      humans: params.humans || params.without_project_bots,
      bots: params.exclude_humans,
      inactive: params.exclude_active,
      publicEmail: params.public_email || undefined,
      withoutProjects: admin && params.without_projects,
      none: admin && params.extern_uid !== undefined, // nobody has an identity elsewhere
      createdAfter: admin ? params.created_after : undefined,
      createdBefore: admin ? params.created_before : undefined,
      orderBy: admin ? params.order_by : ('id' as const),
      sort: admin ? params.sort : ('desc' as const),
    };
    const page = pageOf(params);
    const { users, total } = await listUsers(rooms.db.read, filter, page);
    const items = admin
      ? await Promise.all(users.map((user) => adminView(call, user)))
      : users.map((user) => userBasic(user, baseUrl));
    return pageAnswer(call, page, items, total);
  },
});

/** GET /users/:id/memberships. */
export const membershipsRoute = route({
  method: 'GET',
  path: '/api/v4/users/:id/memberships',
  access: { by: 'user', admin: true },
  input: {
    ...PAGE_INPUT,
    id: { type: 'integer', required: true },
    type: { type: 'string', values: ['Project', 'Namespace'] },
  },
  async handle(call) {
    const { params, rooms, now } = call;
    if ((await userById(rooms.db.read, params.id)) === null) throw refuse.notFound('User');
    const all = await membershipsOf(rooms.db.read, params.id, now);
    const wanted = all
      .map(({ sourceId, sourceName, sourceType, accessLevel }) => ({
        source_id: sourceId,
        source_name: sourceName,
        source_type: sourceType === 'project' ? 'Project' : 'Namespace',
        access_level: accessLevel,
      }))
      .filter(({ source_type }) => params.type === undefined || params.type === source_type);
    const page = pageOf(params);
    return pageAnswer(call, page, wanted.slice(page.offset, page.offset + page.perPage), wanted.length);
  },
});

/** The entity for administrators, with the user's own namespace. */
export async function adminView(call: Pick<Call, 'rooms' | 'baseUrl'>, user: User): Promise<unknown> {
  const namespace = await namespaceOfUser(call.rooms.db.read, user.id);
  return userAdmin(user, namespace.id, call.baseUrl);
}
