import { definitionsByIds } from '../../pipeline/job-definition.ts';
import { type Action, may, type Viewer, viewerOf } from '../../project/authorize.ts';
import { projectById } from '../../project/project.ts';
import { commitEntity } from '../entities/commit.ts';
import { pipelineWithMetadata } from '../entities/pipeline.ts';
import { type GraphFacts, graphJob } from '../entities/pipeline-graph.ts';
import { commitOf, projectOfPipeline } from '../read/pipeline-details.ts';
import { type GraphJobRow, graphJobs, graphNeeds, graphRetries, stagesOf } from '../read/pipeline-graph.ts';
import { downstreamOf, pipelineOfProject } from '../read/pipelines.ts';
import type { PipelineRow } from '../read/rows.ts';
import { type Call, json, route } from '../route.ts';
import { PIPELINE_INPUT, pipelineExtras, refOf, requirePipeline, seesBuilds } from './find-pipeline.ts';

/** What may be done to a pipeline and its jobs: the same for all of them, as all run on its ref. */
const ABILITIES = [
  'update_pipeline',
  'cancel_pipeline',
  'destroy_pipeline',
  'play_job',
  'retry_job',
  'cancel_build',
] as const satisfies Action[];

/**
 * GET /projects/:id/pipelines/:pipeline_id/graph; ours, not GitLab's: a pipeline whole, in one answer that is small enough
 * for a thousand jobs: stages, latest attempts with their needs and downstream pipelines, and what the caller may do.
 */
export const showGraph = route({
  method: 'GET',
  path: '/api/v4/projects/:id/pipelines/:pipeline_id/graph',
  access: { by: 'user', anonymous: true },
  input: PIPELINE_INPUT,
  async handle(call) {
    const found = await requirePipeline(call, call.params);
    const { project, pipeline, viewer } = found;
    const { read } = call.rooms.db;
    const [extras, commit, stages, jobs, upstream, ref] = await Promise.all([
      pipelineExtras(call, project, pipeline),
      commitOf(read, pipeline.commit_id),
      stagesOf(read, [pipeline.id]),
      seesBuilds(found) ? graphJobs(read, pipeline.id) : [],
      upstreamOf(call, viewer, pipeline),
      refOf(call, pipeline),
    ]);
    const facts = await factsOf(call, pipeline.id, jobs);
    return json({
      pipeline: pipelineWithMetadata(pipeline, extras),
      commit: commit === null ? null : commitEntity(commit, extras.projectUrl),
      upstream,
      stages: stages.map(({ name, status }) => ({ name, status })),
      jobs: jobs.map((row) => graphJob(row, facts)),
      abilities: ABILITIES.filter((action) => may(viewer, action, { ref })),
    });
  },
});

async function factsOf(
  { rooms }: Pick<Call, 'rooms'>,
  pipelineId: number,
  jobs: readonly GraphJobRow[],
): Promise<GraphFacts> {
  const { read } = rooms.db;
  const bridges = jobs.filter(({ type }) => type === 'bridge').map(({ id }) => id);
  const manual = jobs.filter(({ status }) => status === 'manual').map((job) => job.definition_id);
  const [needs, retries, definitions, downstream] = await Promise.all([
    graphNeeds(read, pipelineId),
    graphRetries(read, pipelineId),
    definitionsByIds(read, [...new Set(manual)]),
    downstreamOf(read, bridges),
  ]);
  const needed = new Map<number, string[]>();
  for (const { job_id: id, name } of needs) {
    const names = needed.get(id);
    if (names === undefined) needed.set(id, [name]);
    else names.push(name);
  }
  return {
    needs: needed,
    retries: new Map(retries.map(({ name, count }) => [name, Number(count)])),
    definitions,
    downstream,
  };
}

/** The pipeline that started this one, if the viewer may know of it. */
async function upstreamOf(
  call: Pick<Call, 'rooms' | 'caller' | 'now'>,
  viewer: Viewer,
  pipeline: PipelineRow,
) {
  const { read } = call.rooms.db;
  if (pipeline.source_pipeline_id === null) return null;
  const own = await pipelineOfProject(read, pipeline.project_id, pipeline.source_pipeline_id);
  if (own !== null) return { id: own.id, project_path: viewer.project.fullPath };
  const projectId = await projectOfPipeline(read, pipeline.source_pipeline_id);
  const project = projectId === null ? null : await projectById(read, projectId);
  if (project === null) return null;
  const theirs = await viewerOf(read, call.caller, project, call.now);
  if (!may(theirs, 'read_pipeline')) return null;
  return { id: pipeline.source_pipeline_id, project_path: project.fullPath };
}
