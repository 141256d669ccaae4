import type { Migration } from '../migrate.ts';

/**
 * Every filter of a list has an index in whose order the list is. Lists of a runner's jobs and of a project's deployments are put
 * together from one of each status, so theirs begin with it. Names, errors and open environments are few: their indexes leave the
 * others out.
 */
export const listIndexes: Migration = {
  name: '0021-list-indexes',
  statements: () => [
    'drop index jobs_runner',
    'create index jobs_runner on jobs (runner_id, status, id) where runner_id is not null',
    'drop index deployments_by_id',
    'create index deployments_status on deployments (project_id, status, id)',
    "create index environments_open on environments (project_id, name) where state <> 'stopped'",
    'create index pipelines_user on pipelines (project_id, user_id, id)',
    'create index pipelines_source on pipelines (project_id, source, id)',
    'create index pipelines_name on pipelines (project_id, name, id) where name is not null',
    'create index pipelines_yaml_errors on pipelines (project_id, id) where yaml_errors is not null',
  ],
};
