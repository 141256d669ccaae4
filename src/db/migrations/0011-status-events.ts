import type { Migration } from '../migrate.ts';

/** What changed lately, for those who watch. The order of transactions is what a reader follows. */
export const statusEvents: Migration = {
  name: '0011-status-events',
  statements: (t) => [
    `create table status_events (
      id ${t.id},
      xact ${t.integer} not null default ${t.transactionId},
      project_id ${t.integer} not null,
      pipeline_id ${t.integer} not null,
      status text not null,
      jobs text not null,
      created_at ${t.integer} not null
    )`,
    'create index status_events_order on status_events (xact, id)',
  ],
};
