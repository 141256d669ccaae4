import { setArchived } from '../../project/change-project.ts';
import { requireProject } from '../find-project.ts';
import { json, type Route, route } from '../route.ts';
import { projectView } from './views.ts';

/** POST P/archive and P/unarchive, owners. */
function archiving(word: 'archive' | 'unarchive'): Route {
  return route({
    method: 'POST',
    path: `/api/v4/projects/:id/${word}`,
    access: { by: 'user' },
    input: { id: { type: 'string', required: true } },
    async handle(call) {
      const { project } = await requireProject(call, call.params.id, 'archive_project');
      const changed = await call.rooms.db.transaction((tx) =>
        setArchived(tx, project, word === 'archive', call.now),
      );
      return json(await projectView(call, changed, 'full'), 201);
    },
  });
}

export const archiveRoute = archiving('archive');
export const unarchiveRoute = archiving('unarchive');
