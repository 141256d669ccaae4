import type { Tx } from '../db/transaction.ts';
import type { ProtectedRef } from './protected-ref.ts';
import {
  deleteProtectedRef,
  deleteRefAccess,
  insertProtectedRef,
  insertRefAccess,
  protectedRefRows,
  updateProtectedRef,
} from './queries/protected-refs.ts';

/** Levels by action: 0 no one, 30, 40, 60 admins. */
export type AccessLevels = Partial<Record<'push' | 'merge' | 'create', readonly number[] | undefined>>;

/** Makes a rule. The caller has seen that the name has none (rest-resources 4.2). */
export async function protectRef(
  tx: Tx,
  projectId: number,
  ref: Pick<ProtectedRef, 'kind' | 'name' | 'allowForcePush'>,
  access: AccessLevels,
  now: number,
): Promise<ProtectedRef> {
  const id = await insertProtectedRef(tx, projectId, ref, now);
  await writeLevels(tx, id, access);
  return await reread(tx, projectId, id);
}

/** Changes a rule; actions that are not named keep their levels. */
export async function changeProtectedRef(
  tx: Tx,
  projectId: number,
  ref: ProtectedRef,
  changes: AccessLevels & { allowForcePush?: boolean },
  now: number,
): Promise<ProtectedRef> {
  const { allowForcePush = ref.allowForcePush, ...access } = changes;
  await updateProtectedRef(tx, ref.id, allowForcePush, now);
  await writeLevels(tx, ref.id, access);
  return await reread(tx, projectId, ref.id);
}

/** Drops a rule. */
export async function unprotectRef(tx: Tx, id: number): Promise<void> {
  await deleteProtectedRef(tx, id);
}

async function writeLevels(tx: Tx, id: number, access: AccessLevels): Promise<void> {
  for (const [action, levels] of Object.entries(access)) {
    if (levels === undefined) continue;
    await deleteRefAccess(tx, id, action);
    for (const level of levels) await insertRefAccess(tx, id, action, level);
  }
}

async function reread(tx: Tx, projectId: number, id: number): Promise<ProtectedRef> {
  return (await protectedRefRows(tx, projectId)).find((ref) => ref.id === id)!;
}
