import { statement } from '../../db/statement.ts';
import type { Reading, Tx } from '../../db/transaction.ts';

/** A protected branch or tag, or a pattern of them; levels by action (rest-resources 4.2). */
export interface ProtectedRef {
  id: number;
  kind: 'branch' | 'tag';
  /** Exact name or pattern with `*`. */
  name: string;
  allowForcePush: boolean;
  /** 0 no one, 30, 40, 60 admins; any of them opens the action. */
  access: { id: number; action: 'push' | 'merge' | 'create'; level: number }[];
  updatedAt: number;
}

interface Row {
  id: number;
  kind: string;
  name: string;
  allow_force_push: number;
  updated_at: number;
  access_id: number | null;
  action: string | null;
  access_level: number | null;
}

const ofProject = statement<Row>(
  `select r.id, r.kind, r.name, r.allow_force_push, r.updated_at, a.id as access_id, a.action, a.access_level
   from protected_refs r left join protected_ref_access a on a.protected_ref_id = r.id
   where r.project_id = ? order by r.id, a.id`,
);

/** Protected refs of a project, oldest first, each with its levels. */
export async function protectedRefRows(reading: Reading, projectId: number): Promise<ProtectedRef[]> {
  const refs = new Map<number, ProtectedRef>();
  for (const row of await ofProject(reading, projectId)) {
    let ref = refs.get(row.id);
    if (ref === undefined) {
      ref = {
        id: row.id,
        kind: row.kind as ProtectedRef['kind'],
        name: row.name,
        allowForcePush: row.allow_force_push === 1,
        access: [],
        updatedAt: row.updated_at,
      };
      refs.set(row.id, ref);
    }
    if (row.access_id !== null) {
      const action = row.action as ProtectedRef['access'][number]['action'];
      ref.access.push({ id: row.access_id, action, level: row.access_level! });
    }
  }
  return [...refs.values()];
}

export async function insertProtectedRef(
  tx: Tx,
  projectId: number,
  ref: Pick<ProtectedRef, 'kind' | 'name' | 'allowForcePush'>,
  now: number,
): Promise<number> {
  const { id } = await tx.sql
    .insertInto('protected_refs')
    .values({
      project_id: projectId,
      kind: ref.kind,
      name: ref.name,
      allow_force_push: ref.allowForcePush ? 1 : 0,
      created_at: now,
      updated_at: now,
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  return id;
}

export async function insertRefAccess(tx: Tx, refId: number, action: string, level: number): Promise<void> {
  await tx.sql
    .insertInto('protected_ref_access')
    .values({ protected_ref_id: refId, action, access_level: level })
    .execute();
}

export async function deleteRefAccess(tx: Tx, refId: number, action: string): Promise<void> {
  await tx.sql
    .deleteFrom('protected_ref_access')
    .where('protected_ref_id', '=', refId)
    .where('action', '=', action)
    .execute();
}

export async function updateProtectedRef(
  tx: Tx,
  refId: number,
  allowForcePush: boolean,
  now: number,
): Promise<void> {
  await tx.sql
    .updateTable('protected_refs')
    .set({ allow_force_push: allowForcePush ? 1 : 0, updated_at: now })
    .where('id', '=', refId)
    .execute();
}

export async function deleteProtectedRef(tx: Tx, refId: number): Promise<void> {
  await tx.sql.deleteFrom('protected_ref_access').where('protected_ref_id', '=', refId).execute();
  await tx.sql.deleteFrom('protected_refs').where('id', '=', refId).execute();
}
