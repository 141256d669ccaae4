import type { Migration } from '../migrate.ts';

/** Who did what that matters to security. */
export const audit: Migration = {
  name: '0014-audit',
  statements: (t) => [
    `create table audit_events (
      id ${t.id},
      author_id ${t.integer},
      author_name text not null,
      act text not null,
      entity_type text not null,
      entity_id ${t.integer} not null,
      entity_path text not null,
      target text,
      details text not null,
      ip text not null,
      created_at ${t.integer} not null
    )`,
    'create index audit_events_entity on audit_events (entity_type, entity_id, id)',
  ],
};
