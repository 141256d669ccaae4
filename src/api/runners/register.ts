import { userOf } from '../../project/caller.ts';
import { type RunnerAttributes, sentencesOf } from '../../runner/attributes.ts';
import { registerRunner } from '../../runner/register.ts';
import { refuse } from '../errors.ts';
import { json, route } from '../route.ts';
import { requirePlace } from './place.ts';
import { expiryOf } from './runner-token.ts';

/** A user makes a runner and is shown its token once (rest-resources 7.4). */
export const createRunner = route({
  method: 'POST',
  path: '/api/v4/user/runners',
  access: { by: 'user', scopes: ['create_runner'] },
  input: {
    runner_type: { type: 'string', required: true, values: ['instance_type', 'group_type', 'project_type'] },
    group_id: { type: 'integer' },
    project_id: { type: 'integer' },
    description: { type: 'string' },
    maintenance_note: { type: 'string' },
    paused: { type: 'boolean', default: false },
    locked: { type: 'boolean', default: false },
    access_level: { type: 'string', values: ['not_protected', 'ref_protected'], default: 'not_protected' },
    run_untagged: { type: 'boolean', default: true },
    tag_list: { type: 'comma-list' },
    maximum_timeout: { type: 'integer' },
  },
  async handle(call) {
    const { params, rooms, caller, now } = call;
    const place = await requirePlace(call);
    const creatorId = userOf(caller)?.id ?? null;
    const attributes: RunnerAttributes = {
      name: null,
      description: params.description ?? null,
      maintenanceNote: params.maintenance_note ?? null,
      paused: params.paused,
      locked: params.locked,
      accessLevel: params.access_level === 'ref_protected' ? 'ref_protected' : 'not_protected',
      runUntagged: params.run_untagged,
      tags: params.tag_list ?? [],
      maximumTimeoutSeconds: params.maximum_timeout ?? null,
    };
    const made = await rooms.db.transaction((tx) =>
      registerRunner(tx, place, attributes, { creatorId, now }),
    );
    if (!made.ok) throw refuse.badRequest(sentencesOf(made.problems));
    return json({ id: made.id, token: made.token, token_expires_at: expiryOf(made.tokenExpiresAt) }, 201);
  },
});
