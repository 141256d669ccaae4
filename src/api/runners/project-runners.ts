import { userOf } from '../../project/caller.ts';
import { assignRunner, unassignRunner } from '../../runner/register.ts';
import { assignedAt, type Runner, runnerById } from '../../runner/runner.ts';
import { refuseIfChanged } from '../conditional.ts';
import { refuse } from '../errors.ts';
import { requireProject } from '../find-project.ts';
import { runnerRowById } from '../read/runners.ts';
import { type Call, json, noContent, route } from '../route.ts';
import { findRunner, mayManage } from './managed-runner.ts';
import { runnerItems } from './views.ts';

/** Lets a runner of other projects work for this one too: a maintainer of both may, unless it is locked (security RUN-1). */
export const assignToProject = route({
  method: 'POST',
  path: '/api/v4/projects/:id/runners',
  access: { by: 'user' },
  input: { id: { type: 'string', required: true }, runner_id: { type: 'integer', required: true } },
  async handle(call) {
    const { project } = await requireProject(call, call.params.id, 'admin_runner');
    const runner = await findRunner(call, call.params.runner_id);
    await requireAssignable(call, runner);
    const { db } = call.rooms;
    const added = await db.transaction((tx) => assignRunner(tx, runner.id, project.id, call.now));
    if (!added) throw refuse.invalid({ runner_id: ['has already been taken'] });
    const [entity] = await runnerItems(call, [await runnerRowById(db.read, runner.id)]);
    return json(entity, 201);
  },
});

async function requireAssignable(
  call: Pick<Call, 'caller' | 'rooms' | 'now'>,
  runner: Runner,
): Promise<void> {
  if (runner.type === 'group_type') throw refuse.forbidden('Runner is a group runner');
  if (runner.locked && !userOf(call.caller)?.admin) throw refuse.forbidden('Runner is locked');
  if (!(await mayManage(call, runner))) throw refuse.forbidden('No access granted');
  if (runner.type === 'instance_type') throw refuse.forbidden('Runner is an instance runner');
}

/** Takes a runner away from a project, which must not be its last one; a locked one stays where it is, but for administrators. */
export const unassignFromProject = route({
  method: 'DELETE',
  path: '/api/v4/projects/:id/runners/:runner_id',
  access: { by: 'user' },
  input: { id: { type: 'string', required: true }, runner_id: { type: 'integer', required: true } },
  async handle(call) {
    const { project } = await requireProject(call, call.params.id, 'admin_runner');
    const { db } = call.rooms;
    const runner = await runnerById(db.read, call.params.runner_id);
    const since = runner === null ? null : await assignedAt(db.read, runner.id, project.id);
    if (runner === null || since === null) throw refuse.notFound('Runner');
    refuseIfChanged(call, since);
    if (runner.locked && !userOf(call.caller)?.admin)
      throw refuse.forbidden('User not allowed to assign runner');
    if (!(await db.transaction((tx) => unassignRunner(tx, runner.id, project.id)))) {
      throw refuse.forbidden('Only one project associated with the runner. Please remove the runner instead');
    }
    return noContent;
  },
});
