import { createPipeline } from '../../pipeline/create.ts';
import { may } from '../../project/authorize.ts';
import { userOf } from '../../project/caller.ts';
import { refuse } from '../errors.ts';
import { requireProject } from '../find-project.ts';
import { hookChain } from '../hook-chain.ts';
import { route } from '../route.ts';
import { pipelineAnswer } from './find-pipeline.ts';
import { givenVariables, VARIABLES_INPUT } from './given-variables.ts';

/** POST /projects/:id/pipeline (rest-resources 6.4): nothing is saved when it cannot be made. */
export const create = route({
  method: 'POST',
  path: '/api/v4/projects/:id/pipeline',
  access: { by: 'user' },
  input: {
    id: { type: 'string', required: true },
    ref: { type: 'string', required: true, notBlank: true },
    ...VARIABLES_INPUT,
    inputs: { type: 'hash' },
  },
  async handle(call) {
    const { params, rooms, now } = call;
    const { project, viewer } = await requireProject(call, params.id);
    if (!may(viewer, 'create_pipeline')) throw refuse.forbidden();
    const result = await createPipeline(
      rooms,
      {
        project,
        user: userOf(call.caller)!,
        source: 'api',
        ref: params.ref,
        serverUrl: call.baseUrl,
        variables: givenVariables(params),
        inputs: params.inputs ?? {},
        saveOnErrors: false,
        origin: hookChain(call.request),
      },
      now,
    );
    if (result.kind === 'refused') throw refuse.invalid({ base: [result.message] });
    if (result.kind === 'dry_run') throw new Error('a dry run was not asked for');
    return await pipelineAnswer(call, project, result.pipelineId, 201);
  },
});
