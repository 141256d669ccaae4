import type { Project } from '../../project/project.ts';
import { bridgeEntity } from '../entities/job.ts';
import { jobViews } from '../read/job-view.ts';
import { downstreamOf } from '../read/pipelines.ts';
import type { Call } from '../route.ts';
import { jobContext } from './job-context.ts';

/** Bridges with the pipelines they started, in the order of `ids` (jobs-api 6.2). */
export async function bridgesAnswer(
  call: Pick<Call, 'rooms' | 'baseUrl' | 'now'>,
  project: Project,
  ids: readonly number[],
) {
  const { read } = call.rooms.db;
  const views = await jobViews(read, ids);
  // After the bridges, so that the pipeline is seen that one which runs has started.
  const downstream = await downstreamOf(read, ids);
  const context = jobContext(call, project);
  return views.map((view) => {
    const started = downstream.get(view.job.id);
    return bridgeEntity(
      view,
      context,
      started === undefined
        ? null
        : { pipeline: started.pipeline, projectUrl: `${call.baseUrl}/${started.projectPath}` },
    );
  });
}
