import { userOf } from '../../project/caller.ts';
import {
  createTrigger,
  deleteTrigger,
  describeTrigger,
  listTriggers,
  secretOf,
  type Trigger,
  triggerById,
} from '../../project/trigger.ts';
import { usersByIds } from '../../project/user.ts';
import { refuseIfChanged } from '../conditional.ts';
import { triggerEntity } from '../entities/trigger.ts';
import { refuse } from '../errors.ts';
import { requireProject } from '../find-project.ts';
import { PAGE_INPUT, pageAnswer, pageOf } from '../pagination.ts';
import { type Call, json, noContent, route } from '../route.ts';

const PATH = '/api/v4/projects/:id/triggers';
const ACCESS = { by: 'user' } as const;
const PROJECT_INPUT = { id: { type: 'string', required: true } } as const;
const TRIGGER_INPUT = { ...PROJECT_INPUT, trigger_id: { type: 'integer', required: true } } as const;
const MAX_DESCRIPTION = 2048;
const YEAR_MS = 365 * 86_400_000;

/** GET P/triggers (rest-resources 6.1). */
export const listRoute = route({
  method: 'GET',
  path: PATH,
  access: ACCESS,
  input: { ...PROJECT_INPUT, ...PAGE_INPUT },
  async handle(call) {
    const { project } = await requireProject(call, call.params.id, 'admin_trigger');
    const page = pageOf(call.params);
    const slice = { limit: page.perPage, offset: page.offset };
    const { triggers, total } = await listTriggers(call.rooms.db.read, project.id, slice);
    return pageAnswer(call, page, await entities(call, triggers), total);
  },
});

/** GET P/triggers/:trigger_id. */
export const showRoute = route({
  method: 'GET',
  path: `${PATH}/:trigger_id`,
  access: ACCESS,
  input: TRIGGER_INPUT,
  async handle(call) {
    const trigger = await requireTrigger(call, call.params);
    return json((await entities(call, [trigger]))[0]);
  },
});

/** POST P/triggers: the token is whoever makes it, and shown to him alone. */
export const createRoute = route({
  method: 'POST',
  path: PATH,
  access: ACCESS,
  input: {
    ...PROJECT_INPUT,
    description: { type: 'string', required: true, maxLength: MAX_DESCRIPTION },
    expires_at: { type: 'time' },
  },
  async handle(call) {
    const { params, rooms, now } = call;
    const { project } = await requireProject(call, params.id, 'admin_trigger');
    const expiresAt = params.expires_at ?? null;
    if (expiresAt !== null && (expiresAt > now + YEAR_MS || expiresAt <= now)) {
      throw refuse.invalid({ expires_at: ['must be within the next 365 days'] });
    }
    const ownerId = userOf(call.caller)!.id;
    const values = { projectId: project.id, ownerId, description: params.description, expiresAt };
    const trigger = await rooms.db.transaction((tx) => createTrigger(tx, rooms.encryption, values, now));
    return json((await entities(call, [trigger]))[0], 201);
  },
});

/** PUT P/triggers/:trigger_id: another description. */
export const editRoute = route({
  method: 'PUT',
  path: `${PATH}/:trigger_id`,
  access: ACCESS,
  input: { ...TRIGGER_INPUT, description: { type: 'string', maxLength: MAX_DESCRIPTION } },
  async handle(call) {
    const { params, rooms, now } = call;
    const trigger = await requireTrigger(call, params);
    const description = params.description ?? trigger.description;
    await rooms.db.transaction((tx) => describeTrigger(tx, trigger.id, description, now));
    return json((await entities(call, [{ ...trigger, description, updatedAt: now }]))[0]);
  },
});

/** DELETE P/triggers/:trigger_id. */
export const deleteRoute = route({
  method: 'DELETE',
  path: `${PATH}/:trigger_id`,
  access: ACCESS,
  input: TRIGGER_INPUT,
  async handle(call) {
    const trigger = await requireTrigger(call, call.params);
    refuseIfChanged(call, trigger.updatedAt);
    await call.rooms.db.transaction((tx) => deleteTrigger(tx, trigger.id));
    return noContent;
  },
});

async function requireTrigger(
  call: Parameters<typeof requireProject>[0],
  params: { id: string; trigger_id: number },
): Promise<Trigger> {
  const { project } = await requireProject(call, params.id, 'admin_trigger');
  const trigger = await triggerById(call.rooms.db.read, project.id, params.trigger_id);
  if (trigger === null) throw refuse.recordNotFound();
  return trigger;
}

async function entities(
  call: Pick<Call, 'rooms' | 'caller' | 'baseUrl'>,
  triggers: readonly Trigger[],
): Promise<unknown[]> {
  const { rooms, caller, baseUrl } = call;
  const owners = await usersByIds(
    rooms.db.read,
    triggers.map(({ ownerId }) => ownerId),
  );
  const viewerId = userOf(caller)?.id ?? null;
  return triggers.map((trigger) =>
    triggerEntity(
      trigger,
      secretOf(trigger, rooms.encryption, viewerId),
      owners.get(trigger.ownerId) ?? null,
      baseUrl,
    ),
  );
}
