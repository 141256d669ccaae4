import { changeHook, createHook, hookStatus, hooksOf, removeHook } from '../../pipeline/hook.ts';
import { refuseIfChanged } from '../conditional.ts';
import { hookEntity } from '../entities/hook.ts';
import { requireProject } from '../find-project.ts';
import { PAGE_INPUT } from '../pagination.ts';
import { slicePage } from '../projects/people.ts';
import { json, noContent, route } from '../route.ts';
import { HOOK_INPUT, hookAnswer, hookDeps, requireHook } from './find-hook.ts';
import { HOOK_DEFAULTS, HOOK_VALUES_INPUT, hookValues } from './parameters.ts';

const LIST = '/api/v4/projects/:id/hooks';
const ONE = `${LIST}/:hook_id`;

/** GET P/hooks (rest-resources 10.1). */
export const listHooks = route({
  method: 'GET',
  path: LIST,
  access: { by: 'user' },
  input: { ...PAGE_INPUT, id: { type: 'string', required: true } },
  async handle(call) {
    const { rooms, now } = call;
    const { project } = await requireProject(call, call.params.id, 'admin_web_hook');
    const hooks = await hooksOf(rooms.db.read, rooms.encryption, project.id);
    return slicePage(
      call,
      hooks.map((hook) => hookEntity(hook, hookStatus(hook, now))),
    );
  },
});

/** GET P/hooks/:hook_id. */
export const showHook = route({
  method: 'GET',
  path: ONE,
  access: { by: 'user' },
  input: HOOK_INPUT,
  async handle(call) {
    const { hook } = await requireHook(call, call.params);
    return json(hookEntity(hook, hookStatus(hook, call.now)));
  },
});

/** POST P/hooks: push events are on until one says otherwise. */
export const makeHook = route({
  method: 'POST',
  path: LIST,
  access: { by: 'user' },
  input: {
    ...HOOK_VALUES_INPUT,
    id: { type: 'string', required: true },
    url: { type: 'string', required: true },
  },
  async handle(call) {
    const { params, rooms, now } = call;
    const { project } = await requireProject(call, params.id, 'admin_web_hook');
    const values = { ...HOOK_DEFAULTS, url: params.url, ...hookValues(params) };
    const deps = await hookDeps(rooms);
    const result = await rooms.db.transaction((tx) => createHook(tx, deps, project.id, values, now));
    return hookAnswer(result, now, 201);
  },
});

/** PUT P/hooks/:hook_id: also enables it again. */
export const editHook = route({
  method: 'PUT',
  path: ONE,
  access: { by: 'user' },
  input: { ...HOOK_VALUES_INPUT, ...HOOK_INPUT, url: { type: 'string' } },
  async handle(call) {
    const { params, rooms, now } = call;
    const { hook } = await requireHook(call, params);
    const changes = hookValues(params, hook.otherEvents);
    const deps = await hookDeps(rooms);
    const result = await rooms.db.transaction((tx) => changeHook(tx, deps, hook, changes, now));
    return hookAnswer(result, now, 200);
  },
});

/** DELETE P/hooks/:hook_id. */
export const deleteHook = route({
  method: 'DELETE',
  path: ONE,
  access: { by: 'user' },
  input: HOOK_INPUT,
  async handle(call) {
    const { hook } = await requireHook(call, call.params);
    refuseIfChanged(call, hook.updatedAt);
    await call.rooms.db.transaction((tx) => removeHook(tx, hook.id));
    return noContent;
  },
});
