import type { Selectable } from 'kysely';
import { gathered } from '../../db/gathered.ts';
import { listStatement } from '../../db/list-statement.ts';
import type { AccessTokensTable } from '../../db/tables/project.ts';
import type { Reading, Tx } from '../../db/transaction.ts';
import type { UserRow } from './users.ts';

export type TokenRow = Selectable<AccessTokensTable>;

/** A token with the account that it is of; null for one that was removed. */
export interface BearerRow {
  token: TokenRow;
  user: UserRow | null;
}

const TOKEN = [
  'id',
  'user_id',
  'digest',
  'kind',
  'resource_id',
  'access_level',
  'name',
  'description',
  'scopes',
  'revoked',
  'expires_at',
  'last_used_at',
  'rotated_from_id',
  'created_at',
  'updated_at',
] as const satisfies (keyof TokenRow)[];

const byDigests = listStatement<Partial<UserRow> & Record<string, unknown>>(
  `select u.*, ${TOKEN.map((column) => `t.${column} as token_${column}`).join(', ')}
   from access_tokens t left join users u on u.id = t.user_id and u.state <> 'removed' where t.digest in (list)`,
);
const byDigest = gathered(async (reading, digests: readonly string[]) => {
  const rows = await byDigests(reading, [], digests);
  return new Map(rows.map((row) => [row.token_digest as string, bearer(row)]));
});

function bearer(row: Record<string, unknown>): BearerRow {
  const token = Object.fromEntries(TOKEN.map((column) => [column, row[`token_${column}`]]));
  return { token: token as unknown as TokenRow, user: row.id === null ? null : (row as unknown as UserRow) };
}

export async function bearerByDigest(reading: Reading, digest: string): Promise<BearerRow | undefined> {
  return await byDigest(reading, digest);
}

export async function tokenRow(reading: Reading, id: number): Promise<TokenRow | undefined> {
  return await reading.sql.selectFrom('access_tokens').selectAll().where('id', '=', id).executeTakeFirst();
}

/** All tokens of a user, oldest first. */
export async function tokenRowsOfUser(reading: Reading, userId: number): Promise<TokenRow[]> {
  return await reading.sql
    .selectFrom('access_tokens')
    .selectAll()
    .where('user_id', '=', userId)
    .orderBy('id')
    .execute();
}

export async function insertToken(tx: Tx, row: Omit<TokenRow, 'id'>): Promise<TokenRow> {
  return await tx.sql.insertInto('access_tokens').values(row).returningAll().executeTakeFirstOrThrow();
}

export async function updateToken(tx: Tx, id: number, changes: Partial<Omit<TokenRow, 'id'>>): Promise<void> {
  await tx.sql.updateTable('access_tokens').set(changes).where('id', '=', id).execute();
}

export async function revokeTokensOf(tx: Tx, userId: number, now: number): Promise<void> {
  await tx.sql
    .updateTable('access_tokens')
    .set({ revoked: 1, updated_at: now })
    .where('user_id', '=', userId)
    .execute();
}

/** Those of the tokens that are neither revoked nor expired on `today` (YYYY-MM-DD). */
export async function livingTokenIds(
  reading: Reading,
  ids: readonly number[],
  today: string,
): Promise<Set<number>> {
  if (ids.length === 0) return new Set();
  const rows = await reading.sql
    .selectFrom('access_tokens')
    .select('id')
    .where('id', 'in', ids)
    .where('revoked', '=', 0)
    .where((eb) => eb.or([eb('expires_at', 'is', null), eb('expires_at', '>', today)]))
    .execute();
  return new Set(rows.map(({ id }) => id));
}
