import { markForDeletion, removeNow, restoreProject } from '../../project/change-project.ts';
import { refuse } from '../errors.ts';
import { requireProject } from '../find-project.ts';
import { REMOVAL_INPUT, requireRemovable } from '../remove-now.ts';
import { json, route } from '../route.ts';
import { projectView } from './views.ts';

/** DELETE P: marked first, removed after the retention period, or at once when asked a second time (rest-resources 1.7). */
export const deleteRoute = route({
  method: 'DELETE',
  path: '/api/v4/projects/:id',
  access: { by: 'user' },
  input: { id: { type: 'string', required: true }, ...REMOVAL_INPUT },
  async handle(call) {
    const { params, rooms, now } = call;
    const { project } = await requireProject(call, params.id, 'remove_project');
    if (params.permanently_remove) {
      requireRemovable('Project', project, params.full_path);
      await rooms.db.transaction((tx) => removeNow(tx, project, now));
    } else {
      const marked = await rooms.db.transaction((tx) => markForDeletion(tx, project, now));
      if (!marked) throw refuse.badRequestText('Project has been already marked for deletion');
    }
    return json({ message: '202 Accepted' }, 202);
  },
});

/** POST P/restore takes the mark back. */
export const restoreRoute = route({
  method: 'POST',
  path: '/api/v4/projects/:id/restore',
  access: { by: 'user' },
  input: { id: { type: 'string', required: true } },
  async handle(call) {
    const { project } = await requireProject(call, call.params.id, 'remove_project');
    const result = await call.rooms.db.transaction((tx) => restoreProject(tx, project, call.now));
    if (!result.ok) throw refuse.invalid(result.errors);
    return json(await projectView(call, result.project, 'full'), 201);
  },
});
