import { userOf } from '../../project/caller.ts';
import type { RunnerAttributes } from '../../runner/attributes.ts';
import { managersOf } from '../../runner/manager.ts';
import { removeRunner, updateRunner } from '../../runner/register.ts';
import { projectsOfRunner } from '../../runner/runner.ts';
import { runnerStatus } from '../../runner/status.ts';
import { refuseIfChanged } from '../conditional.ts';
import { isoTime } from '../entities/time.ts';
import { refuse } from '../errors.ts';
import { busyManagers } from '../read/runners.ts';
import { json, noContent, route } from '../route.ts';
import { findRunner, mayManage, requireManagedRunner, requireReadableRunner } from './managed-runner.ts';
import { runnerView } from './views.ts';

const ID = { id: { type: 'integer', required: true } } as const;

/** What can be changed of a runner. */
const CHANGES = {
  description: { type: 'string', nullable: true },
  active: { type: 'boolean' },
  paused: { type: 'boolean' },
  tag_list: { type: 'comma-list' },
  run_untagged: { type: 'boolean' },
  locked: { type: 'boolean' },
  access_level: { type: 'string', values: ['not_protected', 'ref_protected'] },
  maximum_timeout: { type: 'integer', nullable: true },
  maintenance_note: { type: 'string', nullable: true },
} as const;

export const showRunner = route({
  method: 'GET',
  path: '/api/v4/runners/:id',
  access: { by: 'user', scopes: ['manage_runner'] },
  input: ID,
  async handle(call) {
    const runner = await requireReadableRunner(call, call.params.id);
    return json(await runnerView(call, runner.id));
  },
});

/** The processes of a runner, newest first, not paged; where they are is for those who administer it (security RUN-8). */
export const listManagers = route({
  method: 'GET',
  path: '/api/v4/runners/:id/managers',
  access: { by: 'user', scopes: ['manage_runner'] },
  input: ID,
  async handle(call) {
    const runner = await requireReadableRunner(call, call.params.id);
    const { read } = call.rooms.db;
    const busy = await busyManagers(read, runner.id);
    const managers = await managersOf(read, runner.id);
    const managed = await mayManage(call, runner);
    return json(
      managers.map((manager) => ({
        id: manager.id,
        system_id: manager.systemId,
        version: manager.version,
        revision: manager.revision,
        platform: manager.platform,
        architecture: manager.architecture,
        created_at: isoTime(manager.createdAt),
        contacted_at: isoTime(manager.contactedAt),
        ip_address: managed ? manager.ipAddress : null,
        status: runnerStatus({ ...manager, creationFinished: true }, call.now),
        job_execution_status: busy.has(manager.id) ? 'active' : 'idle',
      })),
    );
  },
});

/** Changes what was given; the runner's next request sees it. */
export const editRunner = route({
  method: 'PUT',
  path: '/api/v4/runners/:id',
  access: { by: 'user', scopes: ['manage_runner'] },
  input: { ...ID, ...CHANGES },
  rules: [{ atLeastOneOf: Object.keys(CHANGES) }, { exclusive: ['active', 'paused'] }],
  async handle(call) {
    const { params, rooms, now } = call;
    const runner = await requireManagedRunner(call, params.id);
    const paused = params.paused ?? (params.active === undefined ? undefined : !params.active);
    const given: { [K in Exclude<keyof RunnerAttributes, 'name'>]: RunnerAttributes[K] | undefined } = {
      description: params.description,
      maintenanceNote: params.maintenance_note,
      paused,
      locked: params.locked,
      accessLevel: params.access_level as RunnerAttributes['accessLevel'] | undefined,
      runUntagged: params.run_untagged,
      tags: params.tag_list,
      maximumTimeoutSeconds: params.maximum_timeout,
    };
    const changes = Object.fromEntries(
      Object.entries(given).filter(([, value]) => value !== undefined),
    ) as Partial<RunnerAttributes>;
    const changed = await rooms.db.transaction((tx) => updateRunner(tx, runner.id, changes, now));
    if (!changed.ok) throw refuse.invalid(changed.problems);
    return json(await runnerView(call, runner.id));
  },
});

export const deleteRunner = route({
  method: 'DELETE',
  path: '/api/v4/runners/:id',
  access: { by: 'user', scopes: ['manage_runner'] },
  input: ID,
  async handle(call) {
    const runner = await findRunner(call, call.params.id);
    const shared = (await projectsOfRunner(call.rooms.db.read, runner.id)).length > 1;
    if (shared && !userOf(call.caller)?.admin) {
      throw refuse.forbidden('Runner associated with more than one project');
    }
    if (!(await mayManage(call, runner))) throw refuse.forbidden('No access granted');
    refuseIfChanged(call, runner.updatedAt);
    await call.rooms.db.transaction((tx) => removeRunner(tx, runner.id));
    return noContent;
  },
});
