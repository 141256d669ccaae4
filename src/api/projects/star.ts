import { userOf } from '../../project/caller.ts';
import { projectById } from '../../project/project.ts';
import { star, starrersOf, unstar } from '../../project/star.ts';
import { isoTime } from '../entities/time.ts';
import { userBasic } from '../entities/user.ts';
import { requireProject } from '../find-project.ts';
import { PAGE_INPUT } from '../pagination.ts';
import { json, type Route, route } from '../route.ts';
import { isCalled, slicePage } from './people.ts';
import { projectView } from './views.ts';

/** POST P/star and P/unstar: whoever is signed in; 304 when it changes nothing (rest-resources 1.1). */
function starring(word: 'star' | 'unstar'): Route {
  return route({
    method: 'POST',
    path: `/api/v4/projects/:id/${word}`,
    access: { by: 'user' },
    input: { id: { type: 'string', required: true } },
    async handle(call) {
      const { project } = await requireProject(call, call.params.id);
      const { db } = call.rooms;
      const userId = userOf(call.caller)!.id;
      const changed = await db.transaction((tx) =>
        word === 'star' ? star(tx, project.id, userId, call.now) : unstar(tx, project.id, userId),
      );
      if (!changed) return { status: 304 };
      return json(await projectView(call, (await projectById(db.read, project.id)) ?? project, 'full'), 201);
    },
  });
}

export const starRoute = starring('star');
export const unstarRoute = starring('unstar');

/** GET P/starrers. */
export const starrersRoute = route({
  method: 'GET',
  path: '/api/v4/projects/:id/starrers',
  access: { by: 'user', anonymous: true },
  input: { ...PAGE_INPUT, id: { type: 'string', required: true }, search: { type: 'string' } },
  async handle(call) {
    const { project } = await requireProject(call, call.params.id);
    const starrers = await starrersOf(call.rooms.db.read, project.id);
    const wanted = starrers.filter(({ user }) => isCalled(user, call.params.search));
    return slicePage(
      call,
      wanted.map(({ user, since }) => ({
        starred_since: isoTime(since),
        user: userBasic(user, call.baseUrl),
      })),
    );
  },
});
