import type { Migration } from '../migrate.ts';

/** What others report of a commit: jobs of the type `external`, with what only those have. */
export const commitStatuses: Migration = {
  name: '0013-commit-statuses',
  statements: (t) => [
    `create table commit_statuses (
      job_id ${t.integer} not null primary key,
      target_url text,
      description text
    )`,
  ],
};
