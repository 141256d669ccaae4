import type { Migration } from '../migrate.ts';

/** When a runner was assigned to a project, which a conditional DELETE asks. */
export const runnerAssignments: Migration = {
  name: '0018-runner-assignments',
  statements: (t) => [
    `alter table runner_projects add column created_at ${t.integer} not null default 0`,
    'update runner_projects set created_at = (select created_at from runners where id = runner_id)',
  ],
};
