import type { Migration } from '../migrate.ts';

/** Who is signed in to the web UI. */
export const sessions: Migration = {
  name: '0007-sessions',
  statements: (t) => [
    `create table sessions (
      id ${t.id},
      user_id ${t.integer} not null,
      digest text not null,
      ip text not null,
      user_agent text not null,
      created_at ${t.integer} not null,
      last_used_at ${t.integer} not null
    )`,
    'create unique index sessions_digest on sessions (digest)',
    'create index sessions_user on sessions (user_id)',
  ],
};
