import { may } from '../../project/authorize.ts';
import { refuse } from '../errors.ts';
import { pipelineVariableRows } from '../read/pipelines.ts';
import { json, route } from '../route.ts';
import { PIPELINE_INPUT, requirePipeline } from './find-pipeline.ts';

/** GET /projects/:id/pipelines/:pipeline_id/variables: what the pipeline was started with (rest-resources 6.4). */
export const listPipelineVariables = route({
  method: 'GET',
  path: '/api/v4/projects/:id/pipelines/:pipeline_id/variables',
  access: { by: 'user', scopes: ['ai_workflows'] },
  input: PIPELINE_INPUT,
  async handle(call) {
    const { rooms } = call;
    const { viewer, pipeline } = await requirePipeline(call, call.params);
    if (!may(viewer, 'read_pipeline_variable', { userId: pipeline.user_id })) throw refuse.forbidden();
    const rows = await pipelineVariableRows(rooms.db.read, pipeline.id);
    return json(
      rows.map((row) => ({
        variable_type: row.variable_type,
        key: row.key,
        value: rooms.encryption.decrypt(row.encrypted_value),
        raw: row.raw === 1,
      })),
    );
  },
});
