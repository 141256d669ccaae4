import { MAINTAINER } from '../../project/authorize.ts';
import { userOf } from '../../project/caller.ts';
import { groupViewerOf } from '../../project/group-access.ts';
import { ancestorsOf, findNamespace } from '../../project/namespace.ts';
import type { RunnerStatus } from '../../runner/status.ts';
import { refuse } from '../errors.ts';
import { requireProject } from '../find-project.ts';
import { PAGE_INPUT } from '../pagination.ts';
import { managedRunnerIds, type RunnerFilter } from '../read/runners.ts';
import { route } from '../route.ts';
import { runnersPage } from './views.ts';

const STATUSES = ['active', 'paused', 'online', 'offline', 'never_contacted', 'stale'] as const;
const TYPES = ['instance_type', 'group_type', 'project_type'] as const;

/** Filters of every list of runners (rest-resources 7.2). */
const FILTERS = {
  type: { type: 'string', values: TYPES },
  status: { type: 'string', values: STATUSES },
  paused: { type: 'boolean' },
  tag_list: { type: 'comma-list' },
  version_prefix: { type: 'string', pattern: /^[\d+.]+/ },
  ...PAGE_INPUT,
} as const;
/** The older name for the same, with types among the statuses. */
const SCOPE = {
  scope: { type: 'string', values: ['specific', 'shared', ...TYPES, ...STATUSES] },
} as const;

interface Filters {
  type?: string | undefined;
  status?: string | undefined;
  paused?: boolean | undefined;
  tag_list?: string[] | undefined;
  version_prefix?: string | undefined;
  scope?: string | undefined;
}

/** Runners that the caller administers. */
export const listOwnRunners = route({
  method: 'GET',
  path: '/api/v4/runners',
  access: { by: 'user' },
  input: { ...FILTERS, ...SCOPE },
  async handle(call) {
    const { scope } = call.params;
    if (scope !== undefined && !(STATUSES as readonly string[]).includes(scope)) {
      throw refuse.badRequestText('Scope contains invalid value');
    }
    const userId = userOf(call.caller)!.id;
    const ids = await managedRunnerIds(call.rooms.db.read, userId, call.now);
    return runnersPage(call, { kind: 'only', ids }, filtersOf(call.params));
  },
});

/** All runners of the instance, for administrators. */
export const listAllRunners = route({
  method: 'GET',
  path: '/api/v4/runners/all',
  access: { by: 'user', admin: true },
  input: { ...FILTERS, ...SCOPE },
  handle: (call) => runnersPage(call, { kind: 'all' }, filtersOf(call.params)),
});

/** Runners that may take jobs of a project: its own, and of the groups above it and the instance where it lets them in. */
export const listProjectRunners = route({
  method: 'GET',
  path: '/api/v4/projects/:id/runners',
  access: { by: 'user' },
  input: { id: { type: 'string', required: true }, ...FILTERS, ...SCOPE },
  async handle(call) {
    const { project } = await requireProject(call, call.params.id, 'admin_runner');
    const above = project.groupRunnersEnabled
      ? await ancestorsOf(call.rooms.db.read, project.namespaceId)
      : [];
    const groupIds = above.filter(({ kind }) => kind === 'group').map(({ id }) => id);
    const reach = {
      kind: 'project',
      projectId: project.id,
      groupIds,
      instance: project.sharedRunnersEnabled,
    } as const;
    return runnersPage(call, reach, filtersOf(call.params));
  },
});

/** Runners that may take jobs of a group's projects; the instance's where `shared_runners_setting` enables them. */
export const listGroupRunners = route({
  method: 'GET',
  path: '/api/v4/groups/:id/runners',
  access: { by: 'user' },
  input: { id: { type: 'string', required: true }, ...FILTERS },
  async handle(call) {
    const { read } = call.rooms.db;
    const group = await findNamespace(read, call.params.id);
    if (group === null || group.kind !== 'group') throw refuse.notFound('Group');
    const viewer = await groupViewerOf(read, call.caller, group, call.now);
    if (!viewer.admin && viewer.level < MAINTAINER) {
      throw viewer.level > 0 || group.visibility === 'public' ? refuse.forbidden() : refuse.notFound('Group');
    }
    const groupIds = (await ancestorsOf(read, group.id)).map(({ id }) => id);
    const instance = (group.settings.shared_runners_setting ?? 'enabled') === 'enabled';
    return runnersPage(call, { kind: 'group', groupIds, instance }, filtersOf(call.params));
  },
});

/** Each of them narrows what the others let through. */
function filtersOf(params: Filters): RunnerFilter[] {
  const { scope, type, status, paused, tag_list: tags, version_prefix: versionPrefix } = params;
  return [namedBy(scope), namedBy(type), namedBy(status), { paused, tags, versionPrefix }];
}

/** What a type or a status stands for, or an older name of types. */
function namedBy(name: string | undefined): RunnerFilter {
  switch (name) {
    case undefined:
      return {};
    case 'shared':
      return { types: ['instance_type'] };
    case 'specific':
      return { types: ['project_type', 'group_type'] };
    case 'instance_type':
    case 'group_type':
    case 'project_type':
      return { types: [name] };
    case 'active':
    case 'paused':
      return { paused: name === 'paused' };
    default:
      return { status: name as RunnerStatus };
  }
}
