import type { Migration } from '../migrate.ts';

/** Large pipelines are stored and processed some jobs at a time. */
export const pipelineDrafts: Migration = {
  name: '0012-pipeline-drafts',
  statements: (t) => [
    `create table pipeline_drafts (
      id ${t.integer} primary key,
      project_id ${t.integer} not null,
      created_at ${t.integer} not null
    )`,
    'create index pipeline_drafts_project on pipeline_drafts (project_id)',
    'drop index pipelines_unprocessed',
    'create index pipelines_unprocessed on pipelines (id) where unprocessed > 0',
  ],
};
