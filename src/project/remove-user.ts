import type { Reading, Tx } from '../db/transaction.ts';
import { deleteMembershipsOf, soleOwnerCount } from './queries/members.ts';
import { deleteSessionsOfUser } from './queries/sessions.ts';
import { revokeTokensOf } from './queries/tokens.ts';
import { updateUser } from './queries/users.ts';
import type { User } from './user.ts';

/** Groups that would be left without an owner. */
export async function soleOwnedGroups(reading: Reading, userId: number): Promise<number> {
  return await soleOwnerCount(reading, userId);
}

/**
 * Takes an account away: no token and no membership is left and the name is free again. The row stays, blocked and
 * without a person in it, because jobs and pipelines of the past name it.
 */
export async function removeUser(tx: Tx, user: User, now: number): Promise<void> {
  await revokeTokensOf(tx, user.id, now);
  await deleteSessionsOfUser(tx, user.id);
  await deleteMembershipsOf(tx, user.id);
  await updateUser(tx, user.id, {
    username: `ghost-${user.id}`,
    name: 'Ghost User',
    email: `ghost-${user.id}@noreply.localhost`,
    public_email: '',
    state: 'blocked',
    admin: 0,
    password_hash: null,
    profile: JSON.stringify({ removed: true }),
    updated_at: now,
  });
}
