import type { Migration } from '../migrate.ts';

/** Times in which a project would rather not be deployed. */
export const freezePeriods: Migration = {
  name: '0015-freeze-periods',
  statements: (t) => [
    `create table freeze_periods (
      id ${t.id},
      project_id ${t.integer} not null,
      freeze_start text not null,
      freeze_end text not null,
      cron_timezone text not null,
      created_at ${t.integer} not null,
      updated_at ${t.integer} not null
    )`,
    'create index freeze_periods_project on freeze_periods (project_id, id)',
  ],
};
