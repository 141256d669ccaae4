import { instanceSettings } from '../../project/instance-settings.ts';
import { namespaceById } from '../../project/namespace.ts';
import { projectById } from '../../project/project.ts';
import type { RunnerAttributes } from '../../runner/attributes.ts';
import { type RunnerPlace, registerRunner } from '../../runner/register.ts';
import { placeOfRegistrationToken, resetRegistrationToken } from '../../runner/registration-token.ts';
import { refuse } from '../errors.ts';
import { requireGroup } from '../find-group.ts';
import { requireProject } from '../find-project.ts';
import { type Answer, type Call, json, route } from '../route.ts';
import { expiryOf } from './runner-token.ts';

/**
 * A runner makes itself with a registration token: the way before users made runners, shut unless the instance setting
 * `allow_runner_registration_token` opens it (runner-api 1).
 */
export const registerByToken = route({
  method: 'POST',
  path: '/api/v4/runners',
  access: { by: 'runner' },
  input: {
    token: { type: 'string', required: true },
    description: { type: 'string' },
    maintenance_note: { type: 'string' },
    maintainer_note: { type: 'string' },
    info: { type: 'object', of: { name: { type: 'string' } } },
    active: { type: 'boolean' },
    paused: { type: 'boolean' },
    locked: { type: 'boolean', default: false },
    access_level: { type: 'string', values: ['not_protected', 'ref_protected'], default: 'not_protected' },
    run_untagged: { type: 'boolean', default: true },
    tag_list: { type: 'comma-list' },
    maximum_timeout: { type: 'integer' },
  },
  rules: [{ exclusive: ['maintainer_note', 'maintenance_note'] }, { exclusive: ['active', 'paused'] }],
  async handle(call) {
    const { params, rooms, now } = call;
    const { allow_runner_registration_token: allowed } = await instanceSettings(rooms.db.read);
    if (!allowed) throw refuse.gone('runner registration disallowed');
    const place = await placeOfRegistrationToken(rooms.db.read, params.token);
    if (place === null || !(await exists(call, place))) throw refuse.forbidden();
    const attributes: RunnerAttributes = {
      name: params.info?.name ?? null,
      description: params.description ?? null,
      maintenanceNote: params.maintenance_note ?? params.maintainer_note ?? null,
      paused: params.paused ?? params.active === false,
      locked: params.locked,
      accessLevel: params.access_level === 'ref_protected' ? 'ref_protected' : 'not_protected',
      runUntagged: params.run_untagged,
      tags: params.tag_list ?? [],
      maximumTimeoutSeconds: params.maximum_timeout ?? null,
    };
    const made = await rooms.db.transaction((tx) =>
      registerRunner(tx, place, attributes, { creatorId: null, now, prefix: 'glrtr-' }),
    );
    if (!made.ok) throw refuse.invalid(made.problems);
    return json({ id: made.id, token: made.token, token_expires_at: expiryOf(made.tokenExpiresAt) }, 201);
  },
});

/** Administrators are shown a new registration token of the instance; the old one is dead (rest-resources 7.1). */
export const resetInstanceRegistration = route({
  method: 'POST',
  path: '/api/v4/runners/reset_registration_token',
  access: { by: 'user', admin: true },
  input: {},
  handle: (call) => reset(call, { type: 'instance_type' }),
});

/** The same for a group, by its owners. */
export const resetGroupRegistration = route({
  method: 'POST',
  path: '/api/v4/groups/:id/runners/reset_registration_token',
  access: { by: 'user' },
  input: { id: { type: 'string', required: true } },
  async handle(call) {
    const { group } = await requireGroup(call, call.params.id, 'admin_runner');
    return reset(call, { type: 'group_type', groupId: group.id });
  },
});

/** The same for a project, by its maintainers. */
export const resetProjectRegistration = route({
  method: 'POST',
  path: '/api/v4/projects/:id/runners/reset_registration_token',
  access: { by: 'user' },
  input: { id: { type: 'string', required: true } },
  async handle(call) {
    const { project } = await requireProject(call, call.params.id, 'admin_runner');
    return reset(call, { type: 'project_type', projectId: project.id });
  },
});

async function reset({ rooms, now }: Pick<Call, 'rooms' | 'now'>, place: RunnerPlace): Promise<Answer> {
  const token = await rooms.db.transaction((tx) => resetRegistrationToken(tx, place, now));
  return json({ token, token_expires_at: null }, 201);
}

/** The token outlives the group or project it was made for. */
async function exists({ rooms }: Pick<Call, 'rooms'>, place: RunnerPlace): Promise<boolean> {
  switch (place.type) {
    case 'instance_type':
      return true;
    case 'group_type':
      return (await namespaceById(rooms.db.read, place.groupId)) !== null;
    case 'project_type':
      return (await projectById(rooms.db.read, place.projectId)) !== null;
  }
}
