import type { Selectable } from 'kysely';
import { statement } from '../../db/statement.ts';
import type { WebHooksTable } from '../../db/tables/hook.ts';
import type { Reading, Tx } from '../../db/transaction.ts';

export type HookRow = Selectable<WebHooksTable>;

const one = statement<HookRow>('select * from web_hooks where id = ?');
const ofProject = statement<HookRow>('select * from web_hooks where project_id = ? order by id');
const claim = statement<{ id: number }>(
  'update web_hooks set sending_until = ? where id = ? and sending_until <= ? returning id',
);
const hold = statement<{ id: number }>(
  'update web_hooks set sending_until = ? where id = ? and sending_until = ? returning id',
);
const releaseAll = statement('update web_hooks set sending_until = 0 where sending_until > 0');
const outcome = statement(
  'update web_hooks set recent_failures = ?, disabled_until = ? where id = ? and updated_at = ?',
);

export async function hookRow(reading: Reading, id: number): Promise<HookRow | undefined> {
  return (await one(reading, id))[0];
}

export function hookRows(reading: Reading, projectId: number): Promise<HookRow[]> {
  return ofProject(reading, projectId);
}

export function insertHook(tx: Tx, row: Omit<HookRow, 'id'>): Promise<HookRow> {
  return tx.sql.insertInto('web_hooks').values(row).returningAll().executeTakeFirstOrThrow();
}

export function updateHook(tx: Tx, id: number, changes: Partial<Omit<HookRow, 'id'>>): Promise<HookRow> {
  return tx.sql
    .updateTable('web_hooks')
    .set(changes)
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirstOrThrow();
}

export async function deleteHook(tx: Tx, id: number): Promise<void> {
  await tx.sql.deleteFrom('web_hook_events').where('hook_id', '=', id).execute();
  await tx.sql.deleteFrom('web_hooks').where('id', '=', id).execute();
}

/** Takes a hook's events for this process until a time; false when another process has them. Milliseconds. */
export async function claimHook(tx: Tx, id: number, now: number, until: number): Promise<boolean> {
  return (await claim(tx, until, id, now)).length === 1;
}

/** Gives the events back (`until` 0), or keeps them longer; false when another process has taken them since. */
export async function holdHook(tx: Tx, id: number, heldUntil: number, until: number): Promise<boolean> {
  return (await hold(tx, until, id, heldUntil)).length === 1;
}

/** Gives back what a dead process held; only for a server that is alone with its database. */
export async function releaseHooks(tx: Tx): Promise<void> {
  await releaseAll(tx);
}

/** What a delivery did to a hook, unless somebody edited it meanwhile. */
export async function updateStanding(
  tx: Tx,
  hook: Pick<HookRow, 'id' | 'updated_at'>,
  standing: { recentFailures: number; disabledUntil: number | null },
): Promise<void> {
  await outcome(tx, standing.recentFailures, standing.disabledUntil, hook.id, hook.updated_at);
}
