import type { Migration } from '../migrate.ts';

/** What is marked for deletion is found without looking at the rest. */
export const markedForDeletion: Migration = {
  name: '0006-marked-for-deletion',
  statements: () => [
    'create index projects_marked on projects (marked_for_deletion_at) where marked_for_deletion_at is not null',
    'create index namespaces_marked on namespaces (marked_for_deletion_at) where marked_for_deletion_at is not null',
  ],
};
