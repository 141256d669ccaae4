import { allProjectMembers } from '../../project/member.ts';
import { ancestorsOf } from '../../project/namespace.ts';
import { sharesOf } from '../../project/share.ts';
import { type User, usersByIds } from '../../project/user.ts';
import { avatarUrl } from '../entities/avatar.ts';
import { groupBasic } from '../entities/group.ts';
import { userBasic } from '../entities/user.ts';
import { requireProject } from '../find-project.ts';
import { PAGE_INPUT, pageAnswer, pageOf } from '../pagination.ts';
import { type Answer, type Call, json, route } from '../route.ts';
import { withGroups } from './views.ts';

/** GET P/users: who has a part in the project (rest-resources 1.1). */
export const projectUsersRoute = route({
  method: 'GET',
  path: '/api/v4/projects/:id/users',
  access: { by: 'user', anonymous: true },
  input: {
    ...PAGE_INPUT,
    id: { type: 'string', required: true },
    search: { type: 'string' },
    skip_users: { type: 'comma-list' },
  },
  async handle(call) {
    const { params, rooms, now, baseUrl } = call;
    const { project } = await requireProject(call, params.id);
    const members = await allProjectMembers(rooms.db.read, project, now);
    const users = await usersByIds(
      rooms.db.read,
      members.map(({ userId }) => userId),
    );
    const wanted = [...users.values()]
      .filter((user) => !params.skip_users?.includes(String(user.id)) && isCalled(user, params.search))
      .sort((a, b) => a.id - b.id);
    return slicePage(
      call,
      wanted.map((user) => userBasic(user, baseUrl)),
    );
  },
});

/** GET P/groups: the groups it lies in, and with `with_shared` those it is shared with. */
export const projectGroupsRoute = route({
  method: 'GET',
  path: '/api/v4/projects/:id/groups',
  access: { by: 'user', anonymous: true },
  input: {
    ...PAGE_INPUT,
    id: { type: 'string', required: true },
    search: { type: 'string' },
    skip_groups: { type: 'comma-list' },
    with_shared: { type: 'boolean', default: false },
  },
  async handle(call) {
    const { params, rooms, baseUrl } = call;
    const { project } = await requireProject(call, params.id);
    const above = await ancestorsOf(rooms.db.read, project.namespaceId);
    const shares = params.with_shared ? await sharesOf(rooms.db.read, 'project', [project.id]) : new Map();
    const sharedWith = (await withGroups(call, shares)).get(project.id) ?? [];
    const groups = [...above, ...sharedWith.map(({ group }) => group)].filter(
      ({ id, kind, name }) =>
        kind === 'group' &&
        !params.skip_groups?.includes(String(id)) &&
        name.toLowerCase().includes((params.search ?? '').toLowerCase()),
    );
    return slicePage(
      call,
      groups.map((group) => ({
        ...groupBasic(group, baseUrl),
        avatar_url: avatarUrl('group', group.id, group.settings.avatar, baseUrl),
        full_name: group.name,
        full_path: group.fullPath,
      })),
    );
  },
});

export const languagesRoute = route({
  method: 'GET',
  path: '/api/v4/projects/:id/languages',
  access: { by: 'user', anonymous: true },
  input: { id: { type: 'string', required: true } },
  async handle(call) {
    await requireProject(call, call.params.id);
    return json({});
  },
});

/** One page of a list that is already in memory. */
export function slicePage(
  call: Pick<Call<{ page: number; per_page: number }>, 'params' | 'received' | 'baseUrl' | 'path'>,
  items: readonly unknown[],
): Answer {
  const page = pageOf(call.params);
  return pageAnswer(call, page, items.slice(page.offset, page.offset + page.perPage), items.length);
}

/** Whether a user's name, username or public address holds the text. */
export function isCalled(user: User, text: string | undefined): boolean {
  if (text === undefined || text === '') return true;
  const key = text.toLowerCase();
  return [user.name, user.username, user.publicEmail].some((name) => name.toLowerCase().includes(key));
}
