import type { Insertable, Selectable, Updateable } from 'kysely';
import { gathered } from '../db/gathered.ts';
import { listStatement, rowsStatement } from '../db/list-statement.ts';
import { statement } from '../db/statement.ts';
import type {
  RunnerManagersTable,
  RunnerRegistrationTokensTable,
  RunnersTable,
} from '../db/tables/runner.ts';
import type { Reading, Tx } from '../db/transaction.ts';

export type RunnerRow = Selectable<RunnersTable>;
export type ManagerRow = Selectable<RunnerManagersTable>;

const byDigests = listStatement<RunnerRow>('select * from runners where token_digest in (list)');
const byDigest = gathered(async (reading, digests: readonly string[]) => {
  const rows = await byDigests(reading, [], digests);
  return new Map(rows.map((row) => [row.token_digest, row]));
});
const byId = statement<RunnerRow>('select * from runners where id = ?');

export async function runnerRowByDigest(reading: Reading, digest: string): Promise<RunnerRow | null> {
  return (await byDigest(reading, digest)) ?? null;
}

export async function runnerRow(reading: Reading, id: number): Promise<RunnerRow | null> {
  return (await byId(reading, id))[0] ?? null;
}

export async function insertRunner(tx: Tx, row: Insertable<RunnersTable>): Promise<number> {
  const { id } = await tx.sql.insertInto('runners').values(row).returning('id').executeTakeFirstOrThrow();
  return id;
}

export async function updateRunnerRow(tx: Tx, id: number, changes: Updateable<RunnersTable>): Promise<void> {
  await tx.sql.updateTable('runners').set(changes).where('id', '=', id).execute();
}

/** Deletes a runner with its managers and assignments; its jobs keep its id. */
export async function deleteRunnerRow(tx: Tx, id: number): Promise<void> {
  await tx.sql.deleteFrom('runner_managers').where('runner_id', '=', id).execute();
  await tx.sql.deleteFrom('runner_projects').where('runner_id', '=', id).execute();
  await tx.sql.deleteFrom('runners').where('id', '=', id).execute();
}

const projectsOf = statement<{ project_id: number }>(
  'select project_id from runner_projects where runner_id = ? order by project_id',
);

/** Ids of the projects that a runner is assigned to, ascending. */
export async function projectIdsOf(reading: Reading, runnerId: number): Promise<number[]> {
  return (await projectsOf(reading, runnerId)).map((row) => row.project_id);
}

const assigned = statement<{ created_at: number }>(
  'select created_at from runner_projects where runner_id = ? and project_id = ?',
);

/** When a runner was assigned to a project, or null. */
export async function assignedAt(
  reading: Reading,
  runnerId: number,
  projectId: number,
): Promise<number | null> {
  return (await assigned(reading, runnerId, projectId))[0]?.created_at ?? null;
}

const locked = statement<RunnerRow>(
  (capabilities) => `select * from runners where id = ? ${capabilities.rowLocks ? 'for update' : ''}`,
);

/** The runner as it stays until the transaction ends, or null. */
export async function lockedRunnerRow(tx: Tx, id: number): Promise<RunnerRow | null> {
  return (await locked(tx, id))[0] ?? null;
}

/** Its projects, as they stay until the transaction ends as far as others take them away. */
export async function lockedProjectIdsOf(tx: Tx, runnerId: number): Promise<number[]> {
  await lockedRunnerRow(tx, runnerId);
  return projectIdsOf(tx, runnerId);
}

/** False when it was assigned already. */
export async function assignProject(
  tx: Tx,
  runnerId: number,
  projectId: number,
  now: number,
): Promise<boolean> {
  const added = await tx.sql
    .insertInto('runner_projects')
    .values({ runner_id: runnerId, project_id: projectId, created_at: now })
    .onConflict((conflict) => conflict.doNothing())
    .returning('project_id')
    .execute();
  return added.length > 0;
}

export async function unassignProject(tx: Tx, runnerId: number, projectId: number): Promise<void> {
  await tx.sql
    .deleteFrom('runner_projects')
    .where('runner_id', '=', runnerId)
    .where('project_id', '=', projectId)
    .execute();
}

const runnersOf = statement<{ id: number }>(
  'select runner_id as id from runner_projects where project_id = ? order by runner_id',
);

/** Ids of the runners assigned to a project. */
export async function runnersOfProject(reading: Reading, projectId: number): Promise<number[]> {
  return (await runnersOf(reading, projectId)).map(({ id }) => id);
}

/** Ids of a group's own runners. */
export async function runnersOfGroup(reading: Reading, groupId: number): Promise<number[]> {
  const rows = await reading.sql
    .selectFrom('runners')
    .select('id')
    .where('namespace_id', '=', groupId)
    .execute();
  return rows.map(({ id }) => id);
}

const managersBySystem = rowsStatement<ManagerRow>(
  'select m.* from (rows) k join runner_managers m on m.runner_id = k.column1 and m.system_xid = k.column2',
  ['bigint', 'text'],
);
const managerBySystem = gathered(async (reading, keys: readonly string[]) => {
  const rows = await managersBySystem(
    reading,
    [],
    keys.map((key) => {
      const space = key.indexOf(' ');
      return [Number(key.slice(0, space)), key.slice(space + 1)];
    }),
  );
  return new Map(rows.map((row) => [`${row.runner_id} ${row.system_xid}`, row]));
});

export async function managerRow(
  reading: Reading,
  runnerId: number,
  systemId: string,
): Promise<ManagerRow | null> {
  return (await managerBySystem(reading, `${runnerId} ${systemId}`)) ?? null;
}

export async function managerRowById(reading: Reading, id: number): Promise<ManagerRow | null> {
  return (
    (await reading.sql.selectFrom('runner_managers').selectAll().where('id', '=', id).executeTakeFirst()) ??
    null
  );
}

/** Managers of a runner, newest first. */
export function managerRowsOf(reading: Reading, runnerId: number): Promise<ManagerRow[]> {
  return reading.sql
    .selectFrom('runner_managers')
    .selectAll()
    .where('runner_id', '=', runnerId)
    .orderBy('id', 'desc')
    .execute();
}

/** Writes what a manager said of itself, as a new row or over its old one; gives the row's id. */
export async function upsertManager(tx: Tx, row: Insertable<RunnerManagersTable>): Promise<number> {
  const { created_at: _, runner_id: __, system_xid: ___, ...said } = row;
  const { id } = await tx.sql
    .insertInto('runner_managers')
    .values(row)
    .onConflict((conflict) => conflict.columns(['runner_id', 'system_xid']).doUpdateSet(said))
    .returning('id')
    .executeTakeFirstOrThrow();
  return id;
}

export async function touchManager(tx: Tx, id: number, now: number): Promise<void> {
  await tx.sql.updateTable('runner_managers').set({ contacted_at: now }).where('id', '=', id).execute();
}

/** False when there was none. */
export async function deleteManagerRow(tx: Tx, runnerId: number, systemId: string): Promise<boolean> {
  const { numDeletedRows } = await tx.sql
    .deleteFrom('runner_managers')
    .where('runner_id', '=', runnerId)
    .where('system_xid', '=', systemId)
    .executeTakeFirstOrThrow();
  return numDeletedRows > 0n;
}

/** Deletes up to `limit` managers last heard of before `before` (milliseconds); gives how many. */
export async function deleteManagersSilentSince(tx: Tx, before: number, limit: number): Promise<number> {
  const { numDeletedRows } = await tx.sql
    .deleteFrom('runner_managers')
    .where('id', 'in', (from) =>
      from
        .selectFrom('runner_managers')
        .select('id')
        .where('contacted_at', '<', before)
        .orderBy('contacted_at')
        .limit(limit),
    )
    .executeTakeFirstOrThrow();
  return Number(numDeletedRows);
}

/** Runners that are not paused. */
export function activeRunnerRows(reading: Reading): Promise<RunnerRow[]> {
  return reading.sql.selectFrom('runners').selectAll().where('paused', '=', 0).orderBy('id').execute();
}

/** The scope that a registration token is for: instance, group:<id> or project:<id>; null for an unknown one. */
export async function registrationScope(reading: Reading, digest: string): Promise<string | null> {
  const row = await reading.sql
    .selectFrom('runner_registration_tokens')
    .select('scope')
    .where('token_digest', '=', digest)
    .executeTakeFirst();
  return row?.scope ?? null;
}

/** Stores a scope's registration token over its old one. */
export async function putRegistrationToken(
  tx: Tx,
  row: Insertable<RunnerRegistrationTokensTable>,
): Promise<void> {
  const { token_digest, created_at } = row;
  await tx.sql
    .insertInto('runner_registration_tokens')
    .values(row)
    .onConflict((conflict) => conflict.column('scope').doUpdateSet({ token_digest, created_at }))
    .execute();
}

/** Forgets a scope's registration token. */
export async function deleteRegistrationToken(tx: Tx, scope: string): Promise<void> {
  await tx.sql.deleteFrom('runner_registration_tokens').where('scope', '=', scope).execute();
}
