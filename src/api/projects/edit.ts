import { branchExists, setHead } from '../../git/refs.ts';
import { rescopeProjects } from '../../pipeline/queue-place.ts';
import { may } from '../../project/authorize.ts';
import { changeProject } from '../../project/change-project.ts';
import type { Project } from '../../project/project.ts';
import { applyAvatar, avatarChange } from '../avatars/upload.ts';
import { refuse } from '../errors.ts';
import { requireProject } from '../find-project.ts';
import { type Call, json, route } from '../route.ts';
import { EDIT_INPUT, EDITABLE, settingsOf, withAvatar } from './parameters.ts';
import { projectView } from './views.ts';

/** PUT P: maintainers; who may see the project is the owner's to say (rest-resources 1.1, 1.5). */
export const editRoute = route({
  method: 'PUT',
  path: '/api/v4/projects/:id',
  access: { by: 'user' },
  input: { ...EDIT_INPUT, id: { type: 'string', required: true } },
  rules: [{ atLeastOneOf: EDITABLE }],
  async handle(call) {
    const { params, rooms, now } = call;
    const { project, viewer } = await requireProject(call, params.id, 'admin_project');
    const changesVisibility = params.visibility !== undefined && params.visibility !== project.visibility;
    if (changesVisibility && !may(viewer, 'change_visibility_level')) throw refuse.forbidden();
    await checkDefaultBranch(call, project, params.default_branch);
    const avatar = avatarChange(params.avatar);
    const changes = {
      ...withAvatar(settingsOf(params), avatar),
      ...(params.name === undefined ? {} : { name: params.name }),
      ...(params.path === undefined ? {} : { path: params.path }),
      ...(params.default_branch === undefined ? {} : { defaultBranch: params.default_branch }),
    };
    const result = await rooms.db.transaction(async (tx) => {
      const changed = await changeProject(tx, project, changes, now);
      if (changed.ok) await applyAvatar(tx, 'project', project.id, avatar);
      if (changed.ok && letsInOthers(project, changed.project)) await rescopeProjects(tx, [project.id]);
      return changed;
    });
    if (!result.ok) throw refuse.invalid(result.errors);
    if (params.default_branch !== undefined) {
      await setHead(rooms.repositories, project.id, params.default_branch);
    }
    return json(await projectView(call, result.project, 'full'));
  },
});

/** Whether the runners that may take its waiting jobs are others now. */
function letsInOthers(before: Project, after: Project): boolean {
  return (
    before.sharedRunnersEnabled !== after.sharedRunnersEnabled ||
    before.groupRunnersEnabled !== after.groupRunnersEnabled
  );
}

async function checkDefaultBranch(call: Pick<Call, 'rooms'>, project: Project, branch: string | undefined) {
  if (branch === undefined) return;
  if (!(await branchExists(call.rooms.repositories, project.id, branch))) {
    throw refuse.invalid({ base: ['Could not set the default branch'] });
  }
}
