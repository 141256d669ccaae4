import { jobEntity } from '../entities/job.ts';
import { requireProject } from '../find-project.ts';
import { bridgesAnswer } from '../jobs/bridges.ts';
import { jobContext } from '../jobs/job-context.ts';
import { SCOPE_INPUT } from '../jobs/scope.ts';
import { PAGE_INPUT, pageAnswer, pageOf } from '../pagination.ts';
import { pipelineJobIds } from '../read/job-lists.ts';
import { jobViews } from '../read/job-view.ts';
import { route } from '../route.ts';
import { PIPELINE_INPUT, requirePipeline, seesBuilds } from './find-pipeline.ts';

/** GET /projects/:id/pipelines/:pipeline_id/jobs (jobs-api 4.2). */
export const listPipelineJobs = route({
  method: 'GET',
  path: '/api/v4/projects/:id/pipelines/:pipeline_id/jobs',
  access: { by: 'user', anonymous: true, jobToken: true, scopes: ['ai_workflows'] },
  input: {
    ...PIPELINE_INPUT,
    ...SCOPE_INPUT,
    ...PAGE_INPUT,
    include_retried: { type: 'boolean', default: false },
  },
  async handle(call) {
    const { params, rooms } = call;
    const found = await requirePipeline(call, params);
    const page = pageOf(params);
    if (!seesBuilds(found)) return pageAnswer(call, page, [], 0);
    const { ids, total } = await pipelineJobIds(
      rooms.db.read,
      found.pipeline.id,
      { type: 'build', retried: params.include_retried, statuses: params.scope ?? [] },
      { limit: page.perPage, offset: page.offset, before: null },
    );
    const context = jobContext(call, found.project);
    const views = await jobViews(rooms.db.read, ids);
    return pageAnswer(
      call,
      page,
      views.map((view) => jobEntity(view, context)),
      total,
    );
  },
});

/** GET /projects/:id/pipelines/:pipeline_id/bridges (jobs-api 4.3). */
export const listBridges = route({
  method: 'GET',
  path: '/api/v4/projects/:id/pipelines/:pipeline_id/bridges',
  access: { by: 'user', anonymous: true, jobToken: true, scopes: ['ai_workflows'] },
  input: { ...PIPELINE_INPUT, ...SCOPE_INPUT, ...PAGE_INPUT },
  async handle(call) {
    const { params, rooms } = call;
    await requireProject(call, params.id, 'read_build');
    const { project, pipeline } = await requirePipeline(call, params);
    const page = pageOf(params);
    const { ids, total } = await pipelineJobIds(
      rooms.db.read,
      pipeline.id,
      { type: 'bridge', retried: false, statuses: params.scope ?? [] },
      { limit: page.perPage, offset: page.offset, before: null },
    );
    return pageAnswer(call, page, await bridgesAnswer(call, project, ids), total);
  },
});
