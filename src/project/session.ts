import type { Reading, Tx } from '../db/transaction.ts';
import {
  deleteSession,
  deleteSessionsBefore,
  deleteSessionsOfUser,
  insertSession,
  type SessionRow,
  sessionRowByDigest,
  sessionRowsOfUser,
  touchSession,
} from './queries/sessions.ts';
import { updateUser } from './queries/users.ts';
import { digestOf, makeToken, sameDigest } from './token.ts';

const DAY_MS = 24 * 60 * 60_000;
/** A session that nobody uses ends after this long, and every session after that long, in milliseconds (security SES-4). */
const MAX_IDLE_MS = 7 * DAY_MS;
export const MAX_SESSION_MS = 30 * DAY_MS;
/** The last use is written at most this often, in milliseconds. */
const NOTE_USE_EVERY_MS = 10 * 60_000;
const MAX_USER_AGENT_LENGTH = 300;

/** A browser that is signed in. */
export interface Session {
  id: number;
  userId: number;
  ip: string;
  userAgent: string;
  createdAt: number;
  lastUsedAt: number;
}

/** Signs a browser in under a new secret, which is in the answer and nowhere else (security SES-1). */
export async function beginSession(
  tx: Tx,
  { userId, ip, userAgent }: Pick<Session, 'userId' | 'ip' | 'userAgent'>,
  now: number,
): Promise<{ session: Session; secret: string }> {
  const secret = makeToken('teas-');
  const row = await insertSession(tx, {
    user_id: userId,
    digest: digestOf(secret),
    ip,
    user_agent: userAgent.slice(0, MAX_USER_AGENT_LENGTH),
    created_at: now,
    last_used_at: now,
  });
  await updateUser(tx, userId, { last_sign_in_at: now, last_activity_at: now });
  return { session: sessionOfRow(row), secret };
}

/** The session with this secret while it lives, or null. */
export async function sessionOf(reading: Reading, secret: string, now: number): Promise<Session | null> {
  const digest = digestOf(secret);
  const row = await sessionRowByDigest(reading, digest);
  if (row === undefined || !sameDigest(row.digest, digest)) return null;
  const session = sessionOfRow(row);
  return now < sessionEndsAt(session) ? session : null;
}

/** When the session ends if it is not used again, in milliseconds. */
export function sessionEndsAt({ createdAt, lastUsedAt }: Session): number {
  return Math.min(createdAt + MAX_SESSION_MS, lastUsedAt + MAX_IDLE_MS);
}

/** Whether a use at `now` (ms) is worth a write. */
export function sessionUseIsDue({ lastUsedAt }: Session, now: number): boolean {
  return now - lastUsedAt >= NOTE_USE_EVERY_MS;
}

export async function noteSessionUse(tx: Tx, id: number, now: number): Promise<void> {
  await touchSession(tx, id, now);
}

/** Sessions last used, and begun, before these times (ms) have ended at `now`. */
export function sessionBounds(now: number): { lastUsed: number; created: number } {
  return { lastUsed: now - MAX_IDLE_MS, created: now - MAX_SESSION_MS };
}

/** The living sessions of a user, the last used first. */
export async function sessionsOf(reading: Reading, userId: number, now: number): Promise<Session[]> {
  const sessions = (await sessionRowsOfUser(reading, userId)).map(sessionOfRow);
  return sessions.filter((session) => now < sessionEndsAt(session));
}

/** Ends one session of a user; false when there is none with this id. */
export async function endSession(tx: Tx, userId: number, id: number): Promise<boolean> {
  return await deleteSession(tx, id, userId);
}

/** Signs a user out everywhere: what he may do has changed, or who knows his password. */
export async function endSessionsOf(tx: Tx, userId: number): Promise<void> {
  await deleteSessionsOfUser(tx, userId);
}

/** Takes away what has ended by itself. */
export async function removeEndedSessions(tx: Tx, now: number): Promise<void> {
  await deleteSessionsBefore(tx, sessionBounds(now));
}

function sessionOfRow(row: SessionRow): Session {
  return {
    id: row.id,
    userId: row.user_id,
    ip: row.ip,
    userAgent: row.user_agent,
    createdAt: row.created_at,
    lastUsedAt: row.last_used_at,
  };
}
