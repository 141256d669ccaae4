import type { Migration } from '../migrate.ts';

/** A job's token names its job, so nobody looks for a job by its token; every claim wrote into a place of its own there. */
export const jobTokenIndex: Migration = {
  name: '0019-job-token-index',
  statements: () => ['drop index jobs_token'],
};
