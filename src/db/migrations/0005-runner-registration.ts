import type { Migration } from '../migrate.ts';

/** Registration tokens, by which runners of the old way make themselves. */
export const runnerRegistration: Migration = {
  name: '0005-runner-registration',
  statements: (t) => [
    `create table runner_registration_tokens (
      scope text not null primary key,
      token_digest text not null,
      created_at ${t.integer} not null
    )`,
    'create unique index runner_registration_tokens_digest on runner_registration_tokens (token_digest)',
  ],
};
