import { may, viewerOf } from '../../project/authorize.ts';
import { userOf } from '../../project/caller.ts';
import { groupViewerOf, mayInGroup } from '../../project/group-access.ts';
import { namespaceById } from '../../project/namespace.ts';
import { projectById } from '../../project/project.ts';
import { projectsOfRunner, type Runner, runnerById } from '../../runner/runner.ts';
import { refuse } from '../errors.ts';
import type { Call } from '../route.ts';

type RunnerCall = Pick<Call, 'caller' | 'rooms' | 'now'>;

/** The runner of `:id`; throws `Refused` 404 when there is none (the lookup raises: small f). */
export async function findRunner(call: RunnerCall, id: number): Promise<Runner> {
  const runner = await runnerById(call.rooms.db.read, id);
  if (runner === null) throw refuse.recordNotFound();
  return runner;
}

/** A runner that the caller may look at (rest-resources 7.1); instance runners are shown to everybody signed in. */
export async function requireReadableRunner(call: RunnerCall, id: number): Promise<Runner> {
  const runner = await findRunner(call, id);
  if (runner.type !== 'instance_type' && !(await mayManage(call, runner)))
    throw refuse.forbidden('No access granted');
  return runner;
}

/** A runner that the caller may change: maintainer of one of its projects, owner of its group, administrator. */
export async function requireManagedRunner(call: RunnerCall, id: number): Promise<Runner> {
  const runner = await findRunner(call, id);
  if (!(await mayManage(call, runner))) throw refuse.forbidden('No access granted');
  return runner;
}

/** Whether the caller administers the runner. */
export async function mayManage({ caller, rooms, now }: RunnerCall, runner: Runner): Promise<boolean> {
  if (userOf(caller)?.admin) return true;
  const { read } = rooms.db;
  if (runner.type === 'group_type' && runner.groupId !== null) {
    const group = await namespaceById(read, runner.groupId);
    return group !== null && mayInGroup(await groupViewerOf(read, caller, group, now), 'admin_runner', group);
  }
  if (runner.type !== 'project_type') return false;
  for (const projectId of await projectsOfRunner(read, runner.id)) {
    const project = await projectById(read, projectId);
    if (project !== null && may(await viewerOf(read, caller, project, now), 'admin_runner')) return true;
  }
  return false;
}
