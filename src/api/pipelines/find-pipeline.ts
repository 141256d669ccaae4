import { isArchived } from '../../pipeline/archive.ts';
import { may } from '../../project/authorize.ts';
import type { Project } from '../../project/project.ts';
import { protectionOf } from '../../project/protected-ref.ts';
import { userById } from '../../project/user.ts';
import { type PipelineExtras, pipelineEntity } from '../entities/pipeline.ts';
import { userBasic } from '../entities/user.ts';
import { refuse } from '../errors.ts';
import { type Found, requireProject } from '../find-project.ts';
import { hasWarnings, pipelineOfProject } from '../read/pipelines.ts';
import type { PipelineRow } from '../read/rows.ts';
import { type Answer, type Call, json } from '../route.ts';

/** Path parameters of every route about one pipeline. */
export const PIPELINE_INPUT = {
  id: { type: 'string', required: true },
  pipeline_id: { type: 'integer', required: true },
} as const;

type PipelineCall = Parameters<typeof requireProject>[0];

/** A pipeline that the caller may read, inside its project: 404 for the project, 403, 404 with a small f (jobs-api 4.2). */
export async function requirePipeline(
  call: PipelineCall,
  params: { id: string; pipeline_id: number },
): Promise<Found & { pipeline: PipelineRow }> {
  const found = await requireProject(call, params.id, 'read_pipeline');
  const pipeline = await pipelineOfProject(call.rooms.db.read, found.project.id, params.pipeline_id);
  if (pipeline === null) throw refuse.recordNotFound();
  return { ...found, pipeline };
}

/** The pipeline's ref with the project's protection, as `may` asks about it. */
export async function refOf({ rooms }: Pick<Call, 'rooms'>, pipeline: PipelineRow) {
  const protection = await protectionOf(rooms.db.read, pipeline.project_id);
  return { name: pipeline.ref, tag: pipeline.tag === 1, protection };
}

/** What the whole form of a pipeline shows beyond its row. */
export async function pipelineExtras(
  call: Pick<Call, 'rooms' | 'baseUrl' | 'now'>,
  project: Project,
  pipeline: PipelineRow,
): Promise<PipelineExtras> {
  const { read } = call.rooms.db;
  const user = pipeline.user_id === null ? null : await userById(read, pipeline.user_id);
  return {
    user: user === null ? null : userBasic(user, call.baseUrl),
    archived: await isArchived(read, pipeline.id, call.now),
    warnings: pipeline.status === 'success' && (await hasWarnings(read, pipeline.id)),
    projectUrl: `${call.baseUrl}/${project.fullPath}`,
    projectPath: project.fullPath,
  };
}

/** Whether the viewer may list builds at all; where not, lists of a pipeline's jobs are empty (jobs-api 4.2). */
export function seesBuilds(found: Pick<Found, 'viewer'>): boolean {
  return may(found.viewer, 'read_build');
}

/** The whole form of a pipeline as it stands now. */
export async function pipelineAnswer(
  call: Pick<Call, 'rooms' | 'baseUrl' | 'now'>,
  project: Project,
  id: number,
  status: number,
): Promise<Answer> {
  const pipeline = await pipelineOfProject(call.rooms.db.read, project.id, id);
  if (pipeline === null) throw refuse.recordNotFound();
  return json(pipelineEntity(pipeline, await pipelineExtras(call, project, pipeline)), status);
}
