import { artifactBytes } from '../../artifact/record.ts';
import { repositoryStatistics } from '../../git/statistics.ts';
import { may } from '../../project/authorize.ts';
import { type Namespace, namespacesAbove } from '../../project/namespace.ts';
import { forkCounts, type Project, projectsByIds } from '../../project/project.ts';
import { type Share, sharesOf } from '../../project/share.ts';
import { chainOf, type Standing, standingsOf } from '../../project/standing.ts';
import { type User, usersByIds } from '../../project/user.ts';
import { type ProjectContext, type ProjectExtras, projectBasic, projectEntity } from '../entities/project.ts';
import type { Call } from '../route.ts';

/** `basic` for anonymous callers and `simple` lists, `full` for create and edit, else with the caller's levels. */
export type ProjectForm = 'basic' | 'full' | 'with_permissions';

type ViewCall = Pick<Call, 'rooms' | 'caller' | 'now' | 'baseUrl'>;

/**
 * Entities of projects as the caller sees them; a handful of reads however many they are. With `statistics` the
 * repositories that changed are counted again, one after the other.
 */
export async function projectViews(
  call: ViewCall,
  projects: readonly Project[],
  form: ProjectForm,
  { statistics = false }: { statistics?: boolean | undefined } = {},
): Promise<unknown[]> {
  const parents = form === 'basic' ? [] : await parentsOf(call, projects);
  const around = await surroundings(call, [...projects, ...parents]);
  if (form === 'basic') return projects.map((project) => projectBasic(project, around.context(project)));
  const shares = await sharedWith(call, projects);
  const views: unknown[] = [];
  for (const project of projects) {
    const context = around.context(project);
    const parent = parents.find(({ id }) => id === project.forkedFromId);
    const extras: ProjectExtras = {
      forkedFrom: parent === undefined ? null : visibleBasic(parent, around.context(parent)),
      sharedWith: shares.get(project.id) ?? [],
      sizes: statistics && may(context.viewer, 'read_statistics') ? await sizesOf(call, project) : null,
    };
    const { direct, viaGroup } = around.standing(project);
    const levels = form === 'full' ? undefined : { project: direct, group: viaGroup };
    views.push(projectEntity(project, context, extras, levels));
  }
  return views;
}

/** One project's entity. */
export async function projectView(
  call: ViewCall,
  project: Project,
  form: ProjectForm,
  options?: { statistics?: boolean | undefined },
): Promise<unknown> {
  return (await projectViews(call, [project], form, options))[0];
}

function parentsOf(call: ViewCall, projects: readonly Project[]): Promise<Project[]> {
  return projectsByIds(
    call.rooms.db.read,
    projects.flatMap(({ forkedFromId }) => forkedFromId ?? []),
  );
}

function visibleBasic(project: Project, context: ProjectContext): unknown {
  return may(context.viewer, 'read_project') ? projectBasic(project, context) : null;
}

/** What all entities of some projects need, read at once. */
async function surroundings(call: ViewCall, projects: readonly Project[]) {
  const { read } = call.rooms.db;
  const namespaces = await namespacesAbove(
    read,
    projects.map(({ namespaceId }) => namespaceId),
  );
  const standings = await standingsOf(read, call.caller, projects, namespaces, call.now);
  const owners: Map<number, User> = await usersByIds(
    read,
    [...namespaces.values()].flatMap(({ ownerId }) => ownerId ?? []),
  );
  const forks = await forkCounts(
    read,
    projects.map(({ id }) => id),
  );
  const standing = (project: Project): Standing => standings.get(project.id)!;
  return {
    standing,
    context(project: Project): ProjectContext {
      const chain = chainOf(project.namespaceId, namespaces);
      return {
        baseUrl: call.baseUrl,
        viewer: standing(project).viewer,
        namespaces: chain,
        owner: owners.get(chain.at(-1)?.ownerId ?? 0) ?? null,
        forksCount: forks.get(project.id) ?? 0,
      };
    },
  };
}

async function sharedWith(call: ViewCall, projects: readonly Project[]) {
  const { read } = call.rooms.db;
  const shares = await sharesOf(
    read,
    'project',
    projects.map(({ id }) => id),
  );
  return await withGroups(call, shares);
}

/** Shares with the groups they are with, by project or group. */
export async function withGroups(
  call: ViewCall,
  shares: ReadonlyMap<number, Share[]>,
): Promise<Map<number, { share: Share; group: Namespace }[]>> {
  const ids = [...shares.values()].flat().map(({ groupId }) => groupId);
  const groups =
    ids.length === 0 ? new Map<number, Namespace>() : await namespacesAbove(call.rooms.db.read, ids);
  const pairs = [...shares].map(([id, list]) => {
    const known = list.flatMap((share) => {
      const group = groups.get(share.groupId);
      return group === undefined ? [] : [{ share, group }];
    });
    return [id, known] as const;
  });
  return new Map(pairs);
}

async function sizesOf(call: ViewCall, project: Project) {
  const { size, commitCount } = await repositoryStatistics(call.rooms, project, call.now);
  const artifacts = await artifactBytes(call.rooms.db.read, project.id);
  return { commitCount, repository: size, artifacts };
}
