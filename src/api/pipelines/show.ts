import { resolve } from '../../git/refs.ts';
import { pipelineWithMetadata } from '../entities/pipeline.ts';
import { refuse } from '../errors.ts';
import { requireProject } from '../find-project.ts';
import { newestPipelineAt } from '../read/pipelines.ts';
import { json, route } from '../route.ts';
import { PIPELINE_INPUT, pipelineExtras, requirePipeline } from './find-pipeline.ts';

/** GET /projects/:id/pipelines/:pipeline_id (rest-resources 6.4). */
export const showPipeline = route({
  method: 'GET',
  path: '/api/v4/projects/:id/pipelines/:pipeline_id',
  access: { by: 'user', anonymous: true, jobToken: true, scopes: ['ai_workflows'] },
  input: PIPELINE_INPUT,
  async handle(call) {
    const { project, pipeline } = await requirePipeline(call, call.params);
    return json(pipelineWithMetadata(pipeline, await pipelineExtras(call, project, pipeline)));
  },
});

/** GET /projects/:id/pipelines/latest: of the head of a ref; none is 403 (rest-resources 6.4). */
export const latestPipeline = route({
  method: 'GET',
  path: '/api/v4/projects/:id/pipelines/latest',
  access: { by: 'user', anonymous: true, jobToken: true, scopes: ['ai_workflows'] },
  input: { id: { type: 'string', required: true }, ref: { type: 'string' } },
  async handle(call) {
    const { rooms, params } = call;
    const { project } = await requireProject(call, params.id, 'read_pipeline');
    const ref = params.ref ?? project.defaultBranch;
    const sha = ref === null ? null : await resolve(rooms.repositories, project.id, ref);
    const pipeline = sha === null ? null : await newestPipelineAt(rooms.db.read, project.id, ref, sha);
    if (pipeline === null) throw refuse.forbidden();
    return json(pipelineWithMetadata(pipeline, await pipelineExtras(call, project, pipeline)));
  },
});
