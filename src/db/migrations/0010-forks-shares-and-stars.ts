import type { Migration } from '../migrate.ts';

/** Where projects come from, who else may enter them, who likes them, and how large they are. */
export const forksSharesAndStars: Migration = {
  name: '0010-forks-shares-and-stars',
  statements: (t) => [
    `alter table projects add column forked_from_id ${t.integer}`,
    `alter table projects add column star_count ${t.integer} not null default 0`,
    'create index projects_forked_from on projects (forked_from_id) where forked_from_id is not null',
    `create table stars (
      project_id ${t.integer} not null,
      user_id ${t.integer} not null,
      created_at ${t.integer} not null,
      primary key (project_id, user_id)
    )`,
    'create index stars_user on stars (user_id, project_id)',
    `create table shares (
      id ${t.id},
      source_type text not null,
      source_id ${t.integer} not null,
      group_id ${t.integer} not null,
      access_level ${t.integer} not null,
      expires_at text,
      created_at ${t.integer} not null
    )`,
    'create unique index shares_source on shares (source_type, source_id, group_id)',
    'create index shares_group on shares (group_id, source_type)',
    `create table avatars (
      owner_type text not null,
      owner_id ${t.integer} not null,
      content_type text not null,
      bytes ${t.bytes} not null,
      primary key (owner_type, owner_id)
    )`,
    `create table artifact_totals (
      project_id ${t.integer} not null primary key,
      size ${t.integer} not null
    )`,
    'insert into artifact_totals (project_id, size) select project_id, sum(size) from artifacts group by project_id',
    `create table repository_statistics (
      project_id ${t.integer} not null primary key,
      size ${t.integer} not null,
      commit_count ${t.integer} not null,
      counted_sha text,
      refreshed_at ${t.integer} not null
    )`,
  ],
};
