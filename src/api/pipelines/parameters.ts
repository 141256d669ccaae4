import { pipelineParameters } from '../../pipeline/parameters.ts';
import { may } from '../../project/authorize.ts';
import { userOf } from '../../project/caller.ts';
import { pipelineParametersEntity } from '../entities/pipeline-parameters.ts';
import { refuse } from '../errors.ts';
import { requireProject } from '../find-project.ts';
import { json, route } from '../route.ts';

/**
 * GET /projects/:id/pipeline/parameters; ours, not GitLab's: what may be given when a pipeline is run on a ref: variables
 * that the configuration describes, and its inputs. Whoever may run one may ask.
 */
export const showParameters = route({
  method: 'GET',
  path: '/api/v4/projects/:id/pipeline/parameters',
  access: { by: 'user' },
  input: { id: { type: 'string', required: true }, ref: { type: 'string', required: true, notBlank: true } },
  async handle(call) {
    const { params, rooms, baseUrl, caller, now } = call;
    const { project, viewer } = await requireProject(call, params.id);
    if (!may(viewer, 'create_pipeline')) throw refuse.forbidden();
    const request = { project, user: userOf(caller)!, ref: params.ref, serverUrl: baseUrl };
    const parameters = await pipelineParameters(rooms, request, now);
    if (parameters === null) throw refuse.invalid({ base: ['Reference not found'] });
    return json(pipelineParametersEntity(parameters, may(viewer, 'set_pipeline_variables')));
  },
});
