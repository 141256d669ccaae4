import { expandText } from '../../config/expand-variables.ts';
import { may, viewerOf } from '../../project/authorize.ts';
import { findProject } from '../../project/project.ts';
import { type User, userById } from '../../project/user.ts';
import type { CreateRequest } from '../create.ts';
import type { FailureReason } from '../failure-reason.ts';
import { pipelineFactsOf } from '../variables.ts';
import { type ArtifactDeps, artifactReader } from './artifact.ts';
import { familyLimit } from './family.ts';
import { type BridgeVariables, bridgeVariables, type StartingBridge } from './variables.ts';

export type BridgeRequest =
  | { ok: true; request: CreateRequest }
  /** The bridge fails for this, without a downstream pipeline (ci-yaml 12.5). */
  | { ok: false; reason: FailureReason };

/** What a bridge asks for: a child pipeline of its own commit, or one of another project. `now` in milliseconds. */
export async function requestOf(
  deps: ArtifactDeps,
  bridge: StartingBridge,
  now: number,
): Promise<BridgeRequest> {
  const { job, definition } = bridge;
  const { read } = deps.db;
  const trigger = definition.trigger;
  if (trigger === null) return { ok: false, reason: 'upstream_bridge_project_not_found' };
  const limit = await familyLimit(read, job.pipelineId, trigger.include !== null);
  if (limit !== null) return { ok: false, reason: limit };
  const user = job.userId === null ? null : await userById(read, job.userId);
  if (user === null || user.state !== 'active')
    return { ok: false, reason: 'insufficient_bridge_permissions' };
  const variables = await bridgeVariables(deps, bridge);
  const common = {
    user,
    serverUrl: bridge.serverUrl,
    variables: variables.forwarded,
    ...(trigger.inputs === null ? {} : { inputs: trigger.inputs }),
    saveOnErrors: true,
    sourceJob: { id: job.id, pipelineId: job.pipelineId, projectId: job.projectId },
  };
  return trigger.include === null
    ? otherProject(deps, bridge, { common, variables, user }, now)
    : { ok: true, request: await child(deps, bridge, { include: trigger.include, common }, now) };
}

type Common = Omit<CreateRequest, 'project' | 'source' | 'ref'>;

/** A child: same project, ref and commit, with a configuration that includes what the bridge names. */
async function child(
  deps: ArtifactDeps,
  bridge: StartingBridge,
  { include, common }: { include: readonly unknown[]; common: Common },
  now: number,
): Promise<CreateRequest> {
  const { job, project } = bridge;
  const { facts } = await pipelineFactsOf(deps.db.read, { ...bridge, token: '' });
  return {
    ...common,
    project,
    source: 'parent_pipeline',
    ref: `refs/${facts.tag ? 'tags' : 'heads'}/${facts.ref}`,
    sha: facts.sha,
    beforeSha: facts.beforeSha,
    config: JSON.stringify({ include }),
    readArtifact: artifactReader(deps, job, now),
  };
}

/** A pipeline of another project, which the bridge's user may see and run pipelines in. */
async function otherProject(
  deps: ArtifactDeps,
  { definition, project: own }: StartingBridge,
  { common, variables, user }: { common: Common; variables: BridgeVariables; user: User },
  now: number,
): Promise<BridgeRequest> {
  const { read } = deps.db;
  const expand = (text: string) => expandText(text, variables.values, 'blank');
  const path = expand(definition.trigger?.project ?? '');
  const found = path.includes('/') ? await findProject(read, path) : ({ kind: 'missing' } as const);
  if (found.kind === 'missing') return { ok: false, reason: 'downstream_bridge_project_not_found' };
  const { project } = found;
  if (project.id === own.id) return { ok: false, reason: 'invalid_bridge_trigger' };
  const viewer = await viewerOf(read, { kind: 'user', user, tokenId: null, scopes: ['api'] }, project, now);
  if (!may(viewer, 'read_project')) return { ok: false, reason: 'downstream_bridge_project_not_found' };
  if (!may(viewer, 'create_pipeline')) return { ok: false, reason: 'insufficient_bridge_permissions' };
  const branch = definition.trigger?.branch ?? null;
  const ref = branch === null ? project.defaultBranch : expand(branch);
  if (ref === null || ref === '') return { ok: false, reason: 'downstream_pipeline_creation_failed' };
  return { ok: true, request: { ...common, project, source: 'pipeline', ref } };
}
