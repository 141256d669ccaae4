import { requireGroup } from '../find-group.ts';
import { requireProject } from '../find-project.ts';
import { PAGE_INPUT } from '../pagination.ts';
import { type Access, type Call, type Route, route } from '../route.ts';
import { slicePage } from './people.ts';

const ANYONE: Access = { by: 'user', anonymous: true };

/** A list of a project or a group that is always empty, for who may read it. */
function emptyList(
  path: string,
  access: Access,
  requireReader: (call: Call<{ id: string }>) => Promise<unknown>,
): Route {
  return route({
    method: 'GET',
    path: `/api/v4/${path}`,
    access,
    input: { ...PAGE_INPUT, id: { type: 'string', required: true } },
    async handle(call) {
      await requireReader(call);
      return slicePage(call, []);
    },
  });
}

const topics = route({
  method: 'GET',
  path: '/api/v4/topics',
  access: ANYONE,
  input: PAGE_INPUT,
  handle: async (call) => slicePage(call, []),
});

/** Questions about what Teaspoon does not have get an empty, well-formed answer. */
export const emptyListRoutes: readonly Route[] = [
  topics,
  emptyList('projects/:id/merge_requests', ANYONE, (call) => requireProject(call, call.params.id)),
  emptyList('projects/:id/issues', ANYONE, (call) => requireProject(call, call.params.id)),
  emptyList('projects/:id/deploy_tokens', { by: 'user' }, (call) =>
    requireProject(call, call.params.id, 'admin_project'),
  ),
  emptyList('groups/:id/deploy_tokens', { by: 'user' }, (call) =>
    requireGroup(call, call.params.id, 'admin_group'),
  ),
];
