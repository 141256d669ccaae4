import type { StatusEvent } from '../../pipeline/status-events.ts';
import type { ToldEvent } from './watcher.ts';

/** What is told of one project: of its pipelines, and of its jobs and queue. */
export interface Told {
  pipelines: ToldEvent[];
  jobs: ToldEvent[];
}

/** Changes as they are told, by project: of each pipeline and job only how it stands after all of them. */
export function toldEvents(events: readonly StatusEvent[]): Map<number, Told> {
  const newest = new Map<number, Map<string, ToldEvent>>();
  for (const { projectId, pipelineId, status, jobs } of events) {
    let told = newest.get(projectId);
    if (told === undefined) {
      told = new Map();
      newest.set(projectId, told);
    }
    const about = { project_id: projectId, pipeline_id: pipelineId };
    const put = (key: string, event: ToldEvent) => {
      told.delete(key);
      told.set(key, event);
    };
    for (const job of jobs) {
      put(`j${job.id}`, { event: 'job', data: { ...about, job_id: job.id, status: job.status } });
    }
    if (jobs.some(({ queued }) => queued))
      put(`q${pipelineId}`, { event: 'queue', data: { ...about, status } });
    put(`p${pipelineId}`, { event: 'pipeline', data: { ...about, status } });
  }
  return new Map(
    [...newest].map(([projectId, told]) => {
      const all = [...told.values()];
      return [
        projectId,
        {
          pipelines: all.filter(({ event }) => event === 'pipeline'),
          jobs: all.filter(({ event }) => event !== 'pipeline'),
        },
      ];
    }),
  );
}
