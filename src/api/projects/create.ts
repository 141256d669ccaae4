import { viewerOf } from '../../project/authorize.ts';
import { createProject, type NewProject } from '../../project/create-project.ts';
import { namespaceOfUser } from '../../project/namespace.ts';
import { type Project, projectById } from '../../project/project.ts';
import { type User, userById } from '../../project/user.ts';
import { applyAvatar, avatarChange } from '../avatars/upload.ts';
import { refuse } from '../errors.ts';
import type { Input } from '../input.ts';
import { commitToBranch } from '../repository/commit-to-branch.ts';
import { type Call, json, route } from '../route.ts';
import { CREATE_INPUT, settingsOf, withAvatar } from './parameters.ts';
import { projectView } from './views.ts';

/** POST /projects (rest-resources 1.5, 1.6). */
export const createRoute = route({
  method: 'POST',
  path: '/api/v4/projects',
  access: { by: 'user' },
  input: CREATE_INPUT,
  rules: [
    { atLeastOneOf: ['name', 'path'] },
    { exclusive: ['import_url', 'template_name', 'template_project_id'] },
  ],
  async handle(call) {
    if (call.caller.kind !== 'user') throw refuse.forbidden();
    const project = await create(call, call.caller.user, call.params.namespace_id);
    return json(await projectView(call, project, 'full'), 201);
  },
});

/** POST /projects/user/:user_id: administrators make projects for others. */
export const createForUserRoute = route({
  method: 'POST',
  path: '/api/v4/projects/user/:user_id',
  access: { by: 'user', admin: true },
  input: {
    ...CREATE_INPUT,
    user_id: { type: 'integer', required: true },
    name: { type: 'string', required: true },
  },
  async handle(call) {
    const { read } = call.rooms.db;
    const user = await userById(read, call.params.user_id);
    if (user === null) throw refuse.notFound('User');
    const project = await create(call, user, (await namespaceOfUser(read, user.id)).id);
    return json(await projectView(call, project, 'full'), 201);
  },
});

async function create(
  call: Call<Input<typeof CREATE_INPUT>>,
  creator: User,
  namespaceId: number | undefined,
): Promise<Project> {
  const { params, rooms, now } = call;
  refuseForeign(params);
  const avatar = avatarChange(params.avatar);
  const request: NewProject = {
    ...(params.name === undefined ? {} : { name: params.name }),
    ...(params.path === undefined ? {} : { path: params.path }),
    ...(namespaceId === undefined ? {} : { namespaceId }),
    ...(params.default_branch === undefined ? {} : { defaultBranch: params.default_branch }),
    settings: withAvatar(settingsOf(params), avatar),
  };
  const result = await rooms.db.transaction(async (tx) => {
    const made = await createProject(tx, creator, request, now);
    if (made.ok) await applyAvatar(tx, 'project', made.project.id, avatar);
    return made;
  });
  if (!result.ok) {
    throw result.reason === 'limit' ? refuse.projectLimit(result.text) : refuse.invalid(result.errors);
  }
  const { project } = result;
  await rooms.repositories.create(project.id, project.defaultBranch ?? 'main');
  return params.initialize_with_readme ? await withReadme(call, project) : project;
}

/** What a project could be made from elsewhere, and is not here. */
function refuseForeign(params: Input<typeof CREATE_INPUT>): void {
  if (params.import_url) throw refuse.forbidden();
  if (params.template_name) {
    throw refuse.invalid({ template_name: [`'${params.template_name}' is unknown or invalid`] });
  }
  if (params.repository_object_format === 'sha256') {
    throw refuse.invalid({ repository_object_format: ['sha256 is not supported'] });
  }
}

/** The first commit of a project: its name and description. */
async function withReadme(call: Call, project: Project): Promise<Project> {
  const { read } = call.rooms.db;
  const viewer = await viewerOf(read, call.caller, project, call.now);
  const text = `# ${project.name}\n${project.description ? `\n${project.description}\n` : ''}`;
  const request = {
    branch: project.defaultBranch ?? 'main',
    message: 'Initial commit',
    actions: [{ action: 'create', path: 'README.md', content: Buffer.from(text) } as const],
  };
  await commitToBranch(call, { project, viewer }, request);
  return (await projectById(read, project.id)) ?? project;
}
