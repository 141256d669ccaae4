import { branchesMergedInto, branchHead } from '../../git/refs.ts';
import { isProtected, protectionOf } from '../../project/protected-ref.ts';
import { requireProject } from '../find-project.ts';
import { json, route } from '../route.ts';
import { moveForCaller } from './write.ts';

/** Deletes every branch that the default branch holds, protected ones excepted (rest-resources 4.1). */
export const deleteMergedBranchesRoute = route({
  method: 'DELETE',
  path: '/api/v4/projects/:id/repository/merged_branches',
  access: { by: 'user' },
  input: { id: { type: 'string', required: true } },
  async handle(call) {
    const found = await requireProject(call, call.params.id, 'push_code');
    const { project } = found;
    const { repositories, db } = call.rooms;
    const main = await branchHead(repositories, project.id, project.defaultBranch ?? '');
    const merged = main === null ? [] : await branchesMergedInto(repositories, project.id, main);
    const protection = await protectionOf(db.read, project.id);
    for (const name of merged) {
      if (name === project.defaultBranch || isProtected(protection, 'branch', name)) continue;
      const oldSha = await branchHead(repositories, project.id, name);
      if (oldSha !== null)
        await moveForCaller(call, found, { ref: `refs/heads/${name}`, oldSha, newSha: null });
    }
    return json({ message: '202 Accepted' }, 202);
  },
});
