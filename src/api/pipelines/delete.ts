import { deletePipelineRef } from '../../git/refs.ts';
import { deletePipeline } from '../../pipeline/delete.ts';
import { may } from '../../project/authorize.ts';
import { refuseIfChanged } from '../conditional.ts';
import { refuse } from '../errors.ts';
import { noContent, route } from '../route.ts';
import { PIPELINE_INPUT, requirePipeline } from './find-pipeline.ts';

/** DELETE /projects/:id/pipelines/:pipeline_id: with its jobs, logs, artifacts and children (jobs-api 12). */
export const deleteRoute = route({
  method: 'DELETE',
  path: '/api/v4/projects/:id/pipelines/:pipeline_id',
  access: { by: 'user' },
  input: PIPELINE_INPUT,
  async handle(call) {
    const { rooms, now } = call;
    const { project, viewer, pipeline } = await requirePipeline(call, call.params);
    if (!may(viewer, 'destroy_pipeline')) throw refuse.forbidden();
    refuseIfChanged(call, pipeline.updated_at);
    const ids = await rooms.db.transaction((tx) => deletePipeline(tx, rooms.traces, pipeline.id, now));
    for (const id of ids) await deletePipelineRef(rooms.repositories, project.id, id);
    return noContent;
  },
});
