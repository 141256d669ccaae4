import type { Migration } from '../migrate.ts';

/** Jobs whose runner has not accepted them in time are found without looking at the rest. */
export const unacceptedJobs: Migration = {
  name: '0008-unaccepted-jobs',
  statements: () => [
    "create index jobs_unaccepted on jobs (deadline_at) where deadline_at is not null and status = 'pending'",
  ],
};
