import type { Migration } from '../migrate.ts';

const TABLES = ['variables', 'protected_refs'];

/** When variables and rules for refs were changed, which a conditional DELETE asks. */
export const updatedAt: Migration = {
  name: '0016-updated-at',
  statements: (t) =>
    TABLES.flatMap((table) => [
      `alter table ${table} add column updated_at ${t.integer} not null default 0`,
      `update ${table} set updated_at = created_at`,
    ]),
};
