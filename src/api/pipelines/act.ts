import { cancelPipeline } from '../../pipeline/cancel.ts';
import { outdatedFinished } from '../../pipeline/deployment.ts';
import { retryPipeline } from '../../pipeline/retry.ts';
import { may } from '../../project/authorize.ts';
import { userOf } from '../../project/caller.ts';
import { refuse } from '../errors.ts';
import { deploymentRules } from '../jobs/find-job.ts';
import { route } from '../route.ts';
import { PIPELINE_INPUT, pipelineAnswer, refOf, requirePipeline } from './find-pipeline.ts';

/** POST /projects/:id/pipelines/:pipeline_id/cancel: 200 whatever it changed (jobs-api 12). */
export const cancel = route({
  method: 'POST',
  path: '/api/v4/projects/:id/pipelines/:pipeline_id/cancel',
  access: { by: 'user' },
  input: PIPELINE_INPUT,
  async handle(call) {
    const { rooms, now } = call;
    const { project, viewer, pipeline } = await requirePipeline(call, call.params);
    if (!may(viewer, 'cancel_pipeline', { ref: await refOf(call, pipeline) })) throw refuse.forbidden();
    await rooms.db.transaction((tx) => cancelPipeline(tx, pipeline.id, {}, now));
    return pipelineAnswer(call, project, pipeline.id, 200);
  },
});

/** POST /projects/:id/pipelines/:pipeline_id/retry (jobs-api 12): jobs that this user may not retry stay as they are. */
export const retry = route({
  method: 'POST',
  path: '/api/v4/projects/:id/pipelines/:pipeline_id/retry',
  access: { by: 'user' },
  input: PIPELINE_INPUT,
  async handle(call) {
    const { rooms, now } = call;
    const { project, viewer, pipeline } = await requirePipeline(call, call.params);
    const ref = await refOf(call, pipeline);
    if (!may(viewer, 'update_pipeline', { ref })) throw refuse.forbidden();
    const outdated = await outdatedFinished(rooms.db.read, pipeline.id, deploymentRules(project));
    const userId = userOf(call.caller)!.id;
    await rooms.db.transaction((tx) =>
      retryPipeline(
        tx,
        pipeline.id,
        {
          userId,
          may: (job) =>
            may(viewer, 'retry_job', {
              ref: { ...ref, name: job.ref, tag: job.tag },
              userId: job.userId,
              outdatedDeployment: outdated.has(job.id),
            }),
        },
        now,
      ),
    );
    return pipelineAnswer(call, project, pipeline.id, 201);
  },
});
