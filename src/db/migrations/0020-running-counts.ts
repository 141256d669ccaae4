import type { Migration } from '../migrate.ts';

/** The running jobs of a project are counted as they begin and end, and no longer one by one at each claim. */
export const runningCounts: Migration = {
  name: '0020-running-counts',
  statements: (t) => [
    `create table running_counts (id ${t.id}, project_id ${t.integer} not null, running ${t.integer} not null)`,
    'create index running_counts_project on running_counts (project_id)',
    `insert into running_counts (project_id, running)
       select project_id, count(*) from running_jobs where runner_type = 'instance_type' group by project_id`,
    'drop index running_jobs_project',
  ],
};
