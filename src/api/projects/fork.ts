import { copyHistory } from '../../git/fork.ts';
import { lowerVisibility, notePush, removeNow } from '../../project/change-project.ts';
import { createProject, targetNamespace } from '../../project/create-project.ts';
import { findNamespace, type Namespace } from '../../project/namespace.ts';
import { type Project, projectById } from '../../project/project.ts';
import { refuse } from '../errors.ts';
import { requireProject } from '../find-project.ts';
import { type Call, json, route } from '../route.ts';
import { PROJECT_LIST_INPUT, projectList } from './list.ts';
import { projectView } from './views.ts';

const RANK = { private: 0, internal: 1, public: 2 };

/**
 * POST P/fork: a project of its own with the branches and tags of this one, in a namespace where the caller may make
 * projects. It is never more visible than this one (rest-resources 1.1).
 */
export const forkRoute = route({
  method: 'POST',
  path: '/api/v4/projects/:id/fork',
  access: { by: 'user' },
  input: {
    id: { type: 'string', required: true },
    namespace: { type: 'string' },
    namespace_id: { type: 'integer' },
    namespace_path: { type: 'string' },
    name: { type: 'string' },
    path: { type: 'string' },
    description: { type: 'string' },
    visibility: { type: 'string', values: ['private', 'internal', 'public'] },
    branches: { type: 'string' },
    mr_default_target_self: { type: 'boolean' },
  },
  rules: [{ exclusive: ['namespace', 'namespace_id', 'namespace_path'] }],
  async handle(call) {
    const { params, rooms, caller, now } = call;
    if (caller.kind !== 'user') throw refuse.forbidden();
    const { project } = await requireProject(call, params.id, 'download_code');
    if (project.settings.forking_access_level === 'disabled') throw refuse.forbidden();
    const target = await targetOf(call, params.namespace_path ?? params.namespace ?? params.namespace_id);
    const visibility = leastOf(
      project.visibility,
      lowerVisibility(params.visibility ?? project.visibility, target),
    );
    const request = {
      name: params.name ?? project.name,
      path: params.path ?? project.path,
      namespaceId: target.id,
      forkedFromId: project.id,
      ...(project.defaultBranch === null ? {} : { defaultBranch: project.defaultBranch }),
      settings: { visibility, description: params.description ?? project.description },
    };
    const result = await rooms.db.transaction((tx) => createProject(tx, caller.user, request, now));
    if (!result.ok) {
      if (result.reason === 'limit') throw refuse.projectLimit(result.text);
      throw refuse.conflictingValues(result.errors);
    }
    const fork = await filled(call, project, result.project, params.branches);
    return json(await projectView(call, fork, 'full'), 201);
  },
});

async function targetOf(call: Call, given: string | number | undefined): Promise<Namespace> {
  const { caller, rooms, now } = call;
  if (caller.kind !== 'user') throw refuse.forbidden();
  const { read } = rooms.db;
  const named = given === undefined ? null : await findNamespace(read, String(given));
  if (given !== undefined && named === null) throw refuse.notFound('Target Namespace');
  const target = await targetNamespace(read, caller.user, named?.id, now);
  if (target === null) throw refuse.notFound('Target Namespace');
  return target;
}

function leastOf(a: Project['visibility'], b: Project['visibility']): Project['visibility'] {
  return RANK[a] < RANK[b] ? a : b;
}

/** The fork with its history; when that cannot be copied there is no fork. */
async function filled(
  call: Call,
  source: Project,
  fork: Project,
  branches: string | undefined,
): Promise<Project> {
  const { rooms, now } = call;
  const { repositories, db } = rooms;
  try {
    await repositories.create(fork.id, fork.defaultBranch ?? 'main');
    const copied = await copyHistory(repositories, source.id, fork.id, branches ? branches.split(',') : null);
    if (!copied) return fork;
    await db.transaction((tx) => notePush(tx, fork.id, true, now));
  } catch (error) {
    await db.transaction((tx) => removeNow(tx, fork, now));
    throw error;
  }
  return (await projectById(db.read, fork.id)) ?? fork;
}

/** GET P/forks: those the caller may see. */
export const forksRoute = route({
  method: 'GET',
  path: '/api/v4/projects/:id/forks',
  access: { by: 'user', anonymous: true },
  input: { ...PROJECT_LIST_INPUT, id: { type: 'string', required: true } },
  async handle(call) {
    const { project } = await requireProject(call, call.params.id);
    return await projectList(call, { forkedFromId: project.id });
  },
});
