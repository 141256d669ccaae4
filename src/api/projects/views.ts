import { namespacesAbove } from '../../project/namespace.ts';
import type { Project } from '../../project/project.ts';
import { chainOf, standingsOf } from '../../project/standing.ts';
import { usersByIds } from '../../project/user.ts';
import { projectBasic, projectEntity } from '../entities/project.ts';
import type { Call } from '../route.ts';

/** `basic` for anonymous callers and `simple` lists, `full` for create and edit, else with the caller's levels. */
export type ProjectForm = 'basic' | 'full' | 'with_permissions';

type ViewCall = Pick<Call, 'rooms' | 'caller' | 'now' | 'baseUrl'>;

/** Entities of projects as the caller sees them; a handful of reads however many they are. */
export async function projectViews(
  call: ViewCall,
  projects: readonly Project[],
  form: ProjectForm,
): Promise<unknown[]> {
  const { read } = call.rooms.db;
  const namespaces = await namespacesAbove(
    read,
    projects.map(({ namespaceId }) => namespaceId),
  );
  const standings = await standingsOf(read, call.caller, projects, namespaces, call.now);
  const owners = await usersByIds(
    read,
    [...namespaces.values()].flatMap(({ ownerId }) => ownerId ?? []),
  );
  return projects.map((project) => {
    const chain = chainOf(project.namespaceId, namespaces);
    const { viewer, direct, viaGroup } = standings.get(project.id)!;
    const owner = owners.get(chain.at(-1)?.ownerId ?? 0) ?? null;
    const context = { baseUrl: call.baseUrl, viewer, namespaces: chain, owner };
    if (form === 'basic') return projectBasic(project, context);
    if (form === 'full') return projectEntity(project, context);
    return projectEntity(project, context, { project: direct, group: viaGroup });
  });
}

/** One project's entity. */
export async function projectView(call: ViewCall, project: Project, form: ProjectForm): Promise<unknown> {
  return (await projectViews(call, [project], form))[0];
}
