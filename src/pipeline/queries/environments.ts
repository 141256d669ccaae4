import { type Selectable, type SqlBool, sql } from 'kysely';
import { COUNT_LIMIT, countRows } from '../../db/count-rows.ts';
import { statement } from '../../db/statement.ts';
import type { EnvironmentsTable } from '../../db/tables/pipeline.ts';
import type { Reading, Tx } from '../../db/transaction.ts';
import type { Environment } from '../environment.ts';

type Row = Selectable<EnvironmentsTable>;

/** Columns that a change may write; absent ones stay. */
export type EnvironmentPatch = Partial<Omit<Row, 'id' | 'project_id' | 'name' | 'slug' | 'created_at'>>;

/** A page of a project's environments: by name, by the beginning of a name, by state. */
export interface EnvironmentFilter {
  name?: string | undefined;
  search?: string | undefined;
  state?: string | undefined;
}

const byName = statement<Row>('select * from environments where project_id = ? and name = ?');
const byId = statement<Row>('select * from environments where project_id = ? and id = ?');
const insertQuietly = statement<Row>(
  `insert into environments (project_id, name, slug, tier, state, external_url, description, auto_stop_setting,
     auto_stop_at, cluster_agent_id, kubernetes_namespace, flux_resource_path, created_at, updated_at)
   values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict (project_id, name) do nothing returning *`,
);
const dueToStop = statement<{ id: number; project_id: number }>(
  `select id, project_id from environments where state = 'available' and auto_stop_at is not null and auto_stop_at <= ?
   order by auto_stop_at limit ?`,
);
const dueToDelete = statement<{ id: number }>(
  'select id from environments where auto_delete_at is not null and auto_delete_at <= ? order by auto_delete_at limit ?',
);

export async function selectEnvironmentByName(
  reading: Reading,
  projectId: number,
  name: string,
): Promise<Environment | null> {
  const [row] = await byName(reading, projectId, name);
  return row === undefined ? null : environmentOfRow(row);
}

export async function selectEnvironment(
  reading: Reading,
  projectId: number,
  id: number,
): Promise<Environment | null> {
  const [row] = await byId(reading, projectId, id);
  return row === undefined ? null : environmentOfRow(row);
}

/** Stores an environment; null when the project has one of this name. */
export async function insertEnvironment(
  tx: Tx,
  values: Omit<Environment, 'id' | 'autoDeleteAt'>,
): Promise<Environment | null> {
  const [row] = await insertQuietly(
    tx,
    values.projectId,
    values.name,
    values.slug,
    values.tier,
    values.state,
    values.externalUrl,
    values.description,
    values.autoStopSetting,
    values.autoStopAt,
    values.clusterAgentId,
    values.kubernetesNamespace,
    values.fluxResourcePath,
    values.createdAt,
    values.updatedAt,
  );
  return row === undefined ? null : environmentOfRow(row);
}

export async function updateEnvironment(tx: Tx, id: number, patch: EnvironmentPatch): Promise<void> {
  await tx.sql.updateTable('environments').set(patch).where('id', '=', id).execute();
}

/** Moves an environment out of one of these states; false when it is in another. */
export async function moveEnvironment(
  tx: Tx,
  id: number,
  from: readonly string[],
  patch: EnvironmentPatch,
): Promise<boolean> {
  const result = await tx.sql
    .updateTable('environments')
    .set(patch)
    .where('id', '=', id)
    .where('state', 'in', from)
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

/** Deletes an environment with its deployments. */
export async function deleteEnvironmentRows(tx: Tx, id: number): Promise<void> {
  await tx.sql.deleteFrom('deployments').where('environment_id', '=', id).execute();
  await tx.sql.deleteFrom('environments').where('id', '=', id).execute();
}

export function selectDueToStop(
  reading: Reading,
  now: number,
  limit: number,
): Promise<{ id: number; project_id: number }[]> {
  return dueToStop(reading, now, limit);
}

export async function selectDueToDelete(reading: Reading, now: number, limit: number): Promise<number[]> {
  return (await dueToDelete(reading, now, limit)).map(({ id }) => id);
}

/** As an index has it. */
const IS_OPEN = sql<SqlBool>`state <> 'stopped'`;

/** One page in the order of their names, and how many there are, counted up to 10,001. */
export async function selectEnvironments(
  reading: Reading,
  projectId: number,
  { name, search, state }: EnvironmentFilter,
  slice: { limit: number; offset: number },
): Promise<{ environments: Environment[]; total: number }> {
  let query = reading.sql
    .selectFrom('environments')
    .where((eb) => eb.between('project_id', projectId, projectId));
  if (name !== undefined) query = query.where('name', '=', name);
  if (state !== undefined) query = query.where('state', '=', state);
  if (state !== undefined && state !== 'stopped') query = query.where(IS_OPEN);
  if (search !== undefined) {
    const start = search.toLowerCase();
    query = query.where((eb) =>
      eb(eb.fn('substr', [eb.fn('lower', ['name']), eb.lit(1), eb.lit(start.length)]), '=', start),
    );
  }
  query = query.orderBy('project_id').orderBy('name');
  const rows = await query.selectAll().limit(slice.limit).offset(slice.offset).execute();
  const total = await countRows(reading, query.select('id').limit(COUNT_LIMIT));
  return { environments: rows.map(environmentOfRow), total };
}

/** Available ones that nobody changed, and nothing was deployed to, since a time. */
export async function selectStale(
  reading: Reading,
  projectId: number,
  before: number,
): Promise<Environment[]> {
  const rows = await reading.sql
    .selectFrom('environments')
    .selectAll()
    .where('project_id', '=', projectId)
    .where('state', '=', 'available')
    .where(IS_OPEN)
    .where('updated_at', '<', before)
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('deployments')
            .select('deployments.id')
            .whereRef('deployments.environment_id', '=', 'environments.id')
            .where('deployments.updated_at', '>=', before),
        ),
      ),
    )
    .orderBy('id')
    .execute();
  return rows.map(environmentOfRow);
}

/** Stopped review apps made before a time, the oldest first, that are not given up yet. */
export async function selectReviewApps(
  reading: Reading,
  projectId: number,
  before: number,
  limit: number,
): Promise<Environment[]> {
  const rows = await reading.sql
    .selectFrom('environments')
    .selectAll()
    .where((eb) => eb.between('project_id', projectId, projectId))
    .where('state', '=', 'stopped')
    .where('name', 'like', 'review/%')
    .where('created_at', '<', before)
    .where('auto_delete_at', 'is', null)
    .orderBy('project_id')
    .orderBy('id')
    .limit(limit)
    .execute();
  return rows.map(environmentOfRow);
}

function environmentOfRow(row: Row): Environment {
  return {
    id: row.id,
    projectId: row.project_id,
    name: row.name,
    slug: row.slug,
    tier: row.tier,
    state: row.state as Environment['state'],
    externalUrl: row.external_url,
    description: row.description,
    autoStopSetting: row.auto_stop_setting,
    autoStopAt: row.auto_stop_at,
    autoDeleteAt: row.auto_delete_at,
    clusterAgentId: row.cluster_agent_id,
    kubernetesNamespace: row.kubernetes_namespace,
    fluxResourcePath: row.flux_resource_path,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}
