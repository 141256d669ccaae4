import { renamePipeline } from '../../pipeline/rename.ts';
import { may } from '../../project/authorize.ts';
import { pipelineWithMetadata } from '../entities/pipeline.ts';
import { refuse } from '../errors.ts';
import { json, route } from '../route.ts';
import { PIPELINE_INPUT, pipelineExtras, refOf, requirePipeline } from './find-pipeline.ts';

const MAX_NAME = 255;

/** PUT /projects/:id/pipelines/:pipeline_id/metadata: another name (rest-resources 6.4). */
export const editMetadata = route({
  method: 'PUT',
  path: '/api/v4/projects/:id/pipelines/:pipeline_id/metadata',
  access: { by: 'user', jobToken: true },
  input: { ...PIPELINE_INPUT, name: { type: 'string', required: true } },
  async handle(call) {
    const { rooms, params, now } = call;
    const { project, viewer, pipeline } = await requirePipeline(call, params);
    if (!may(viewer, 'update_pipeline', { ref: await refOf(call, pipeline) })) throw refuse.forbidden();
    if ([...params.name].length > MAX_NAME) {
      throw refuse.badRequestText(
        `Failed to update pipeline - Name is too long (maximum is ${MAX_NAME} characters)`,
      );
    }
    await rooms.db.transaction((tx) => renamePipeline(tx, pipeline.id, params.name, now));
    const changed = { ...pipeline, name: params.name, updated_at: now };
    return json(pipelineWithMetadata(changed, await pipelineExtras(call, project, changed)));
  },
});
