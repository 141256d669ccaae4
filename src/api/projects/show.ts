import { requireProject } from '../find-project.ts';
import { json, route } from '../route.ts';
import { projectView } from './views.ts';

/** GET P: the short form for anonymous callers, everything with the caller's levels for others (rest-resources 1.1). */
export const showRoute = route({
  method: 'GET',
  path: '/api/v4/projects/:id',
  access: { by: 'user', anonymous: true },
  input: {
    id: { type: 'string', required: true },
    license: { type: 'boolean' },
    statistics: { type: 'boolean' },
    with_custom_attributes: { type: 'boolean' },
  },
  async handle(call) {
    const { project } = await requireProject(call, call.params.id);
    return json(
      await projectView(call, project, call.caller.kind === 'anonymous' ? 'basic' : 'with_permissions', {
        statistics: call.params.statistics,
      }),
    );
  },
});
