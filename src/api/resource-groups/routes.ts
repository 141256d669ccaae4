import {
  type ProcessMode,
  type ResourceGroup,
  resourceGroupByKey,
  resourceGroupsOf,
  setProcessMode,
} from '../../pipeline/resource-group.ts';
import { type Action, may } from '../../project/authorize.ts';
import { jobBasic } from '../entities/job.ts';
import { resourceGroupEntity } from '../entities/resource-group.ts';
import { refuse } from '../errors.ts';
import { type Found, requireProject } from '../find-project.ts';
import { jobContext } from '../jobs/job-context.ts';
import { PAGE_INPUT, pageAnswer, pageOf } from '../pagination.ts';
import { slicePage } from '../projects/people.ts';
import { jobViews } from '../read/job-view.ts';
import { upcomingJobIds } from '../read/resource-groups.ts';
import { json, type Route, route } from '../route.ts';

const LIST = '/api/v4/projects/:id/resource_groups';
const ONE = `${LIST}/:key`;
const KEY_INPUT = {
  id: { type: 'string', required: true },
  key: { type: 'string', required: true },
} as const;
const MODES = ['unordered', 'oldest_first', 'newest_first', 'newest_ready_first'] as const;

type GroupCall = Parameters<typeof requireProject>[0];

/** A resource group of a project by its key: 404 with a small f for one that no job named yet. */
async function requireGroup(
  call: GroupCall,
  params: { id: string; key: string },
  action: Action,
): Promise<Found & { group: ResourceGroup }> {
  const found = await requireProject(call, params.id, action);
  const group = await resourceGroupByKey(call.rooms.db.read, found.project.id, params.key);
  if (group === null) throw refuse.recordNotFound();
  return { ...found, group };
}

const list = route({
  method: 'GET',
  path: LIST,
  access: { by: 'user' },
  input: { ...PAGE_INPUT, id: { type: 'string', required: true } },
  async handle(call) {
    const { project } = await requireProject(call, call.params.id, 'read_resource_group');
    const groups = await resourceGroupsOf(call.rooms.db.read, project.id);
    return slicePage(call, groups.map(resourceGroupEntity));
  },
});

const show = route({
  method: 'GET',
  path: ONE,
  access: { by: 'user' },
  input: KEY_INPUT,
  async handle(call) {
    const { group } = await requireGroup(call, call.params, 'read_resource_group');
    return json(resourceGroupEntity(group));
  },
});

const edit = route({
  method: 'PUT',
  path: ONE,
  access: { by: 'user' },
  input: { ...KEY_INPUT, process_mode: { type: 'string', values: MODES } },
  async handle(call) {
    const { params, rooms, now } = call;
    const { group } = await requireGroup(call, params, 'update_resource_group');
    if (params.process_mode === undefined) return json(resourceGroupEntity(group));
    const mode: ProcessMode = params.process_mode;
    const changed = await rooms.db.transaction((tx) => setProcessMode(tx, group.id, mode, now));
    if (changed === null) throw refuse.recordNotFound();
    return json(resourceGroupEntity(changed));
  },
});

/** Jobs that wait for the slot, in the order in which they would get it. */
const upcoming = route({
  method: 'GET',
  path: `${ONE}/upcoming_jobs`,
  access: { by: 'user' },
  input: { ...KEY_INPUT, ...PAGE_INPUT },
  async handle(call) {
    const { params, rooms } = call;
    const { project, viewer, group } = await requireGroup(call, params, 'read_resource_group');
    if (!may(viewer, 'read_build')) throw refuse.forbidden();
    const page = pageOf(params);
    const slice = { limit: page.perPage, offset: page.offset };
    const { ids, total } = await upcomingJobIds(rooms.db.read, group, slice);
    const context = jobContext(call, project);
    const items = (await jobViews(rooms.db.read, ids)).map((view) => jobBasic(view, context));
    return pageAnswer(call, page, items, total);
  },
});

/** The job that holds the slot. */
const current = route({
  method: 'GET',
  path: `${ONE}/current_job`,
  access: { by: 'user' },
  input: KEY_INPUT,
  async handle(call) {
    const { params, rooms } = call;
    const { project, viewer, group } = await requireGroup(call, params, 'read_resource_group');
    if (!may(viewer, 'read_build')) throw refuse.forbidden();
    const [view] = group.jobId === null ? [] : await jobViews(rooms.db.read, [group.jobId]);
    if (view === undefined) throw refuse.recordNotFound();
    return json(jobBasic(view, jobContext(call, project)));
  },
});

/** Resource groups (rest-resources 9.3). */
export const resourceGroupRoutes: readonly Route[] = [list, show, edit, upcoming, current];
