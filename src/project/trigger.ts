import type { Reading, Tx } from '../db/transaction.ts';
import type { Encryption } from './encryption.ts';
import {
  deleteTriggerRow,
  insertTrigger,
  type TriggerRow,
  triggerRow,
  triggerRowByDigest,
  triggerRows,
  updateTriggerRow,
} from './queries/triggers.ts';
import { digestOf, makeToken } from './token.ts';

const PREFIX = 'glptt-';
/** What others than the owner see of a token (rest-resources 6.1). */
const SHOWN = PREFIX.length + 4;

/** A token that starts pipelines as its owner. Times are milliseconds. */
export interface Trigger {
  id: number;
  projectId: number;
  ownerId: number;
  /** Encrypted: `secretOf` shows it. */
  encryptedToken: string;
  description: string;
  expiresAt: number | null;
  lastUsedAt: number | null;
  createdAt: number;
  updatedAt: number;
}

/** A new trigger token of a project, owned by whoever makes it. */
export async function createTrigger(
  tx: Tx,
  encryption: Encryption,
  values: { projectId: number; ownerId: number; description: string; expiresAt: number | null },
  now: number,
): Promise<Trigger> {
  const token = makeToken(PREFIX);
  const row = await insertTrigger(tx, {
    project_id: values.projectId,
    owner_id: values.ownerId,
    digest: digestOf(token),
    encrypted_token: encryption.encrypt(token),
    description: values.description,
    expires_at: values.expiresAt,
    last_used_at: null,
    created_at: now,
    updated_at: now,
  });
  return triggerOfRow(row);
}

/** A trigger inside its project, or null. */
export async function triggerById(reading: Reading, projectId: number, id: number): Promise<Trigger | null> {
  const row = await triggerRow(reading, projectId, id);
  return row === undefined ? null : triggerOfRow(row);
}

/** The trigger of this token, unless it has expired at `now`; null when there is none. */
export async function triggerByToken(reading: Reading, token: string, now: number): Promise<Trigger | null> {
  const row = await triggerRowByDigest(reading, digestOf(token));
  if (row === undefined || (row.expires_at !== null && row.expires_at <= now)) return null;
  return triggerOfRow(row);
}

/** One page of a project's triggers, oldest first, and how many there are. */
export async function listTriggers(
  reading: Reading,
  projectId: number,
  slice: { limit: number; offset: number },
): Promise<{ triggers: Trigger[]; total: number }> {
  const { rows, total } = await triggerRows(reading, projectId, slice);
  return { triggers: rows.map(triggerOfRow), total };
}

export function describeTrigger(tx: Tx, id: number, description: string, now: number): Promise<void> {
  return updateTriggerRow(tx, id, { description, updated_at: now });
}

/** A pipeline was started with it. */
export function noteTriggerUse(tx: Tx, id: number, now: number): Promise<void> {
  return updateTriggerRow(tx, id, { last_used_at: now });
}

export function deleteTrigger(tx: Tx, id: number): Promise<void> {
  return deleteTriggerRow(tx, id);
}

/** The token as its owner sees it, or as others do: its first characters. */
export function secretOf(trigger: Trigger, encryption: Encryption, viewerId: number | null): string {
  const token = encryption.decrypt(trigger.encryptedToken);
  return trigger.ownerId === viewerId ? token : token.slice(0, SHOWN);
}

function triggerOfRow(row: TriggerRow): Trigger {
  return {
    id: row.id,
    projectId: row.project_id,
    ownerId: row.owner_id,
    encryptedToken: row.encrypted_token,
    description: row.description,
    expiresAt: row.expires_at,
    lastUsedAt: row.last_used_at,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}
