import { type AgentAccess, agentAccess, agentConfigPath } from '../../config/agent-access.ts';
import { readBlob } from '../../git/blob.ts';
import { branchHead } from '../../git/refs.ts';
import type { JobRow } from '../../pipeline/job-lookup.ts';
import { type AgentOfFamily, agentsOf, agentsOfFamily } from '../../project/cluster-agent.ts';
import { ancestorsOf, type Namespace } from '../../project/namespace.ts';
import { type Project, projectById } from '../../project/project.ts';
import { scopeFits } from '../../project/variable.ts';
import type { Rooms } from '../rooms.ts';

/** An agent that a job may use, and what its configuration says of that. */
export interface Authorization {
  id: number;
  project: Project;
  namespaces: Namespace[];
  configuration: Record<string, unknown>;
}

const MAX_CONFIG_BYTES = 64 * 1024;

/**
 * The agents that a job may use (jobs-api 4.5): those of its project, and those below the same top namespace whose
 * configuration names the project or one of its groups, unless it asks for another environment or a protected ref.
 */
export async function authorizationsOf(
  rooms: Pick<Rooms, 'db' | 'repositories'>,
  job: JobRow,
  project: Project,
): Promise<Authorization[]> {
  const { read } = rooms.db;
  const namespaces = await ancestorsOf(read, project.namespaceId);
  const own = (await agentsOf(read, project.id)).map(({ id }) => ({
    id,
    project,
    namespaces,
    configuration: {},
  }));
  const top = namespaces.find(({ parentId }) => parentId === null);
  const others = top === undefined ? [] : await agentsOfFamily(read, top.id, project.id);
  const named = await Promise.all(others.map((agent) => authorization(rooms, agent, project, namespaces)));
  return [...own, ...named.filter((one) => one !== null && fits(one.configuration, job))] as Authorization[];
}

async function authorization(
  { db, repositories }: Pick<Rooms, 'db' | 'repositories'>,
  agent: AgentOfFamily,
  project: Project,
  namespaces: readonly Namespace[],
): Promise<Authorization | null> {
  const home = await projectById(db.read, agent.projectId);
  const sha = home && (await branchHead(repositories, home.id, home.defaultBranch ?? 'main'));
  if (!home || !sha) return null;
  const path = agentConfigPath(agent.name);
  const text = await readBlob(repositories, home.id, sha, path, MAX_CONFIG_BYTES).catch(() => null);
  if (text === null) return null;
  const configuration = configurationFor(agentAccess(text.toString()), project, namespaces);
  if (configuration === null) return null;
  const of = { id: agent.id, project: home, configuration };
  return { ...of, namespaces: await ancestorsOf(db.read, home.namespaceId) };
}

/** The project's own entry comes before those of its groups, the nearest group before the others. */
function configurationFor(
  { projects, groups }: AgentAccess,
  project: Project,
  namespaces: readonly Namespace[],
): Record<string, unknown> | null {
  const own = projects.get(project.fullPath.toLowerCase());
  const near = namespaces.toReversed().find(({ fullPath }) => groups.has(fullPath.toLowerCase()));
  return own ?? (near === undefined ? null : (groups.get(near.fullPath.toLowerCase()) ?? null));
}

function fits({ environments, protected_branches_only: guarded }: Record<string, unknown>, job: JobRow) {
  if (guarded === true && !job.protected) return false;
  if (!Array.isArray(environments) || environments.length === 0) return true;
  return environments.some((scope) => typeof scope === 'string' && scopeFits(scope, job.environment));
}
