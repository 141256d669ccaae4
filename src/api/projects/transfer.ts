import { rescopeProjects } from '../../pipeline/queue-place.ts';
import { userOf } from '../../project/caller.ts';
import { transferProject } from '../../project/change-project.ts';
import { targetNamespace } from '../../project/create-project.ts';
import { findNamespace } from '../../project/namespace.ts';
import { refuse } from '../errors.ts';
import { requireProject } from '../find-project.ts';
import { inspected } from '../groups/parameters.ts';
import { json, route } from '../route.ts';
import { projectView } from './views.ts';

/** PUT P/transfer: an owner moves the project into a namespace in which he may make projects (rest-resources 1.1). */
export const transferRoute = route({
  method: 'PUT',
  path: '/api/v4/projects/:id/transfer',
  access: { by: 'user' },
  input: {
    id: { type: 'string', required: true },
    namespace: { type: 'string', required: true },
  },
  async handle(call) {
    const { params, rooms, now } = call;
    const { project } = await requireProject(call, params.id, 'remove_project');
    const { read } = rooms.db;
    const named = await findNamespace(read, params.namespace);
    if (named === null) throw refuse.notFound('Namespace');
    const target = await targetNamespace(read, userOf(call.caller)!, named.id, now);
    if (target === null) {
      throw failed({
        new_namespace: ["You don't have permission to transfer projects into that namespace."],
      });
    }
    const result = await rooms.db.transaction(async (tx) => {
      const moved = await transferProject(tx, project, target, now);
      if (moved.ok) await rescopeProjects(tx, [project.id]);
      return moved;
    });
    if (!result.ok) throw failed(result.errors);
    return json(await projectView(call, result.project, 'full'));
  },
});

function failed(errors: Readonly<Record<string, readonly string[]>>) {
  return refuse.badRequestText(`Failed to transfer project ${inspected(errors)}`);
}
