import type { Migration } from '../migrate.ts';

/** Since when a password, which somebody else chose, opens nothing but the choice of another. */
export const expiredPasswords: Migration = {
  name: '0017-expired-passwords',
  statements: (t) => [`alter table users add column password_expires_at ${t.integer}`],
};
