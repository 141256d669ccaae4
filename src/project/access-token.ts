import type { Reading, Tx } from '../db/transaction.ts';
import { type TokenFilter, tokenPage } from './queries/token-lists.ts';
import {
  bearerByDigest,
  insertToken,
  type TokenRow,
  tokenRow,
  tokenRowsOfUser,
  updateToken,
} from './queries/tokens.ts';
import { digestOf, makeToken, sameDigest } from './token.ts';
import { type User, userOfRow } from './user.ts';

export { TOKEN_SORTS } from './queries/token-lists.ts';
export type { TokenFilter };

/** Scopes that a token may carry (rest-resources 0.6). */
export const TOKEN_SCOPES = [
  'api',
  'read_api',
  'read_user',
  'create_runner',
  'manage_runner',
  'k8s_proxy',
  'self_rotate',
  'mcp',
  'read_repository',
  'write_repository',
  'read_registry',
  'write_registry',
  'read_virtual_registry',
  'write_virtual_registry',
  'sudo',
  'admin_mode',
  'read_service_ping',
  'ai_features',
  'ai_workflows',
] as const;

/** Longest life of a token in days, and of a rotated one that names no date. */
export const MAX_LIFETIME_DAYS = 365;
export const ROTATED_LIFETIME_DAYS = 7;
/** `last_used_at` is written at most this often, in milliseconds (rest-resources 2.4). */
const LAST_USED_EVERY_MS = 10 * 60_000;

/** A personal, impersonation, project or group access token without its secret. */
export interface AccessToken {
  id: number;
  userId: number;
  kind: 'personal' | 'impersonation' | 'project' | 'group';
  resourceId: number | null;
  accessLevel: number | null;
  name: string;
  description: string | null;
  scopes: string[];
  revoked: boolean;
  /** YYYY-MM-DD, dead from the start of that day (UTC). */
  expiresAt: string | null;
  lastUsedAt: number | null;
  rotatedFromId: number | null;
  createdAt: number;
  updatedAt: number;
}

/** What a new token is made of. */
export interface NewAccessToken {
  userId: number;
  kind: AccessToken['kind'];
  name: string;
  scopes: readonly string[];
  expiresAt: string | null;
  description?: string | null;
  resourceId?: number | null;
  accessLevel?: number | null;
  rotatedFromId?: number | null;
}

/** A token with its user, null for one who was removed. */
export interface Bearer {
  token: AccessToken;
  user: User | null;
}

/** The token whose secret this is, whatever its state, and whose it is; or null (security TOK-3). */
export async function bearerOf(reading: Reading, secret: string): Promise<Bearer | null> {
  const digest = digestOf(secret);
  const row = await bearerByDigest(reading, digest);
  if (row === undefined || !sameDigest(row.token.digest, digest)) return null;
  return { token: tokenOfRow(row.token), user: row.user && userOfRow(row.user) };
}

/** The token with this id, or null. */
export async function accessTokenById(reading: Reading, id: number): Promise<AccessToken | null> {
  const row = await tokenRow(reading, id);
  return row === undefined ? null : tokenOfRow(row);
}

/** Makes a token; the secret is in the answer and nowhere else. `given` is a secret chosen elsewhere. */
export async function createAccessToken(
  tx: Tx,
  token: NewAccessToken,
  now: number,
  given?: string,
): Promise<{ token: AccessToken; secret: string }> {
  const secret = given ?? makeToken('glpat-');
  const row = await insertToken(tx, {
    user_id: token.userId,
    digest: digestOf(secret),
    kind: token.kind,
    resource_id: token.resourceId ?? null,
    access_level: token.accessLevel ?? null,
    name: token.name,
    description: token.description ?? null,
    scopes: JSON.stringify(token.scopes),
    revoked: 0,
    expires_at: token.expiresAt,
    last_used_at: null,
    rotated_from_id: token.rotatedFromId ?? null,
    created_at: now,
    updated_at: now,
  });
  return { token: tokenOfRow(row), secret };
}

/** Ends a token at once. */
export async function revokeAccessToken(tx: Tx, id: number, now: number): Promise<void> {
  await updateToken(tx, id, { revoked: 1, updated_at: now });
}

/** Whether the token's last day has passed at `now` (ms). */
export function isExpired(token: Pick<AccessToken, 'expiresAt'>, now: number): boolean {
  return token.expiresAt !== null && token.expiresAt <= dayOf(now);
}

/** Whether the token opens anything at `now` (ms). */
export function isActive(token: Pick<AccessToken, 'expiresAt' | 'revoked'>, now: number): boolean {
  return !token.revoked && !isExpired(token, now);
}

/** Whether a use at `now` (ms) is worth a write. */
export function useIsDue(token: Pick<AccessToken, 'lastUsedAt'>, now: number): boolean {
  return token.lastUsedAt === null || now - token.lastUsedAt >= LAST_USED_EVERY_MS;
}

/** Notes that the token was used. */
export async function noteUse(tx: Tx, id: number, now: number): Promise<void> {
  await updateToken(tx, id, { last_used_at: now });
}

/** The date (UTC) of a time in milliseconds, `days` later. */
export function dayOf(now: number, days = 0): string {
  return new Date(now + days * 86_400_000).toISOString().slice(0, 10);
}

/** A row as the rooms see it. */
export function tokenOfRow(row: TokenRow): AccessToken {
  return {
    id: row.id,
    userId: row.user_id,
    kind: row.kind as AccessToken['kind'],
    resourceId: row.resource_id,
    accessLevel: row.access_level,
    name: row.name,
    description: row.description,
    scopes: JSON.parse(row.scopes) as string[],
    revoked: row.revoked === 1,
    expiresAt: row.expires_at,
    lastUsedAt: row.last_used_at,
    rotatedFromId: row.rotated_from_id,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

/** One page of tokens with their number. */
export async function listAccessTokens(
  reading: Reading,
  filter: TokenFilter,
  page: { offset: number; perPage: number },
): Promise<{ tokens: AccessToken[]; total: number }> {
  const { rows, total } = await tokenPage(reading, filter, page);
  return { tokens: rows.map(tokenOfRow), total };
}

export type RotateResult =
  | { ok: true; token: AccessToken; secret: string }
  /** A revoked token that is used again may be stolen: its whole family is revoked. */
  | { ok: false; reason: 'revoked' }
  | { ok: false; reason: 'expired' };

/** Replaces a token by a new one of the same name and scopes and revokes it in the same step (rest-resources 2.4). */
export async function rotateAccessToken(
  tx: Tx,
  token: AccessToken,
  expiresAt: string | null,
  now: number,
): Promise<RotateResult> {
  const current = await accessTokenById(tx, token.id);
  if (current === null || current.revoked) {
    await revokeFamily(tx, token, now);
    return { ok: false, reason: 'revoked' };
  }
  if (isExpired(current, now)) return { ok: false, reason: 'expired' };
  await revokeAccessToken(tx, token.id, now);
  const { userId, kind, name, description, scopes, resourceId, accessLevel } = current;
  const next = { userId, kind, name, description, scopes, resourceId, accessLevel };
  const made = await createAccessToken(tx, { ...next, expiresAt, rotatedFromId: token.id }, now);
  return { ok: true, ...made };
}

/** Revokes every token that came from this one by rotation: it may have been stolen. */
export async function revokeFamily(tx: Tx, token: AccessToken, now: number): Promise<void> {
  const family = new Set([token.id]);
  for (const row of await tokenRowsOfUser(tx, token.userId)) {
    if (row.rotated_from_id === null || !family.has(row.rotated_from_id)) continue;
    family.add(row.id);
    if (row.revoked === 0) await revokeAccessToken(tx, row.id, now);
  }
}

/** What is wrong with a last day, or null: beyond the longest life (rest-resources 2.4). One that has passed makes a token that is over, as in GitLab. */
export function expiryError(expiresAt: string, now: number, limited: boolean): string | null {
  const latest = dayOf(now, MAX_LIFETIME_DAYS);
  return limited && expiresAt > latest ? `Expiration date must be before ${latest}` : null;
}
