import { randomBytes } from 'node:crypto';
import type { Database } from '../db/database.ts';
import type { Reading } from '../db/transaction.ts';
import { createAccessToken } from './access-token.ts';
import { createUser } from './create-user.ts';
import { hashPassword } from './password.ts';
import { countUsers } from './queries/users.ts';
import { makeToken } from './token.ts';

/** Everything an administrator's first token is for: the API, git, and acting for others. */
export const ROOT_SCOPES = ['api', 'read_repository', 'write_repository', 'sudo', 'admin_mode'];

/** What the first start made, to be shown once and kept nowhere. */
export interface FirstStart {
  username: string;
  token: string;
  password: string;
}

/** Whether anybody is there: else this is the first start. */
export async function hasUsers(reading: Reading): Promise<boolean> {
  return (await countUsers(reading)) > 0;
}

/**
 * Makes the administrator `root` in an empty database, with the given token and password or new ones; null when there
 * are users already (security SES-6). The secrets are in the answer alone.
 */
export async function firstStart(
  db: Database,
  given: { rootToken: string | null; rootPassword: string | null },
  now: number,
): Promise<FirstStart | null> {
  if ((await countUsers(db.read)) > 0) return null;
  const password = given.rootPassword ?? randomBytes(15).toString('base64url');
  const secret = given.rootToken ?? makeToken('glpat-');
  const passwordHash = await hashPassword(password);
  const values = { username: 'root', name: 'Administrator', email: 'admin@example.com', admin: true };
  return await db.transaction(async (tx) => {
    if ((await countUsers(tx)) > 0) return null;
    const created = await createUser(tx, { ...values, passwordHash }, now);
    if (!created.ok) throw new Error('the first user could not be made');
    const token = {
      userId: created.user.id,
      kind: 'personal' as const,
      name: 'root',
      scopes: ROOT_SCOPES,
      expiresAt: null,
    };
    await createAccessToken(tx, token, now, secret);
    return { username: 'root', token: secret, password };
  });
}
