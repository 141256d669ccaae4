import { forgetArtifactBytes } from '../artifact/record.ts';
import type { Database } from '../db/database.ts';
import { forgetPushes } from '../git/push.ts';
import type { Repositories } from '../git/repository.ts';
import { hasPipelines, removeFromPipelines, removePipelines } from '../pipeline/removal.ts';
import {
  beginRemoval,
  groupsDueForRemoval,
  projectsDueForRemoval,
  removalDueBefore,
  removeGroupRow,
  removeProjectRow,
} from '../project/removal.ts';
import { forgetRunning } from '../queue/running.ts';
import { removeRunnersOfGroup, removeRunnersOfProject } from '../runner/removal.ts';
import type { Traces } from '../trace/traces.ts';

interface RemovalDeps {
  db: Database;
  traces: Traces;
  repositories: Repositories;
}

/** Projects or groups that are looked up at once. */
const BATCH = 50;

/**
 * Really removes projects and groups whose time to be restored is over, and projects that were to go at once (rest-resources
 * 1.7). A project's row goes last, so whatever a killed process left is found again. Gives how many went; throws at the end
 * when some could not go. `now` in milliseconds.
 */
export async function removedProjects(
  deps: RemovalDeps,
  now: number,
): Promise<{ projects: number; groups: number }> {
  const { db } = deps;
  const before = await removalDueBefore(db.read, now);
  const failures: unknown[] = [];
  const projects = await inBatches(
    () => projectsDueForRemoval(db.read, before, BATCH),
    (id) => removeProject(deps, id, before, now),
    failures,
  );
  const groups = await inBatches(
    () => groupsDueForRemoval(db.read, before, BATCH),
    (id) => removeGroup(db, id, now),
    failures,
  );
  if (failures.length > 0) throw new AggregateError(failures, `${failures.length} could not be removed`);
  return { projects, groups };
}

/** Goes on as long as the last batch was of use, past what cannot be removed now; gives how many things were removed. */
async function inBatches(
  due: () => Promise<number[]>,
  remove: (id: number) => Promise<boolean>,
  failures: unknown[],
): Promise<number> {
  const failed = new Set<number>();
  const attempt = (id: number) =>
    remove(id).catch((error: unknown) => {
      failed.add(id);
      failures.push(error);
      return false;
    });
  for (let total = 0; ; ) {
    const before = total;
    for (const id of await due()) if (!failed.has(id) && (await attempt(id))) total++;
    if (total === before) return total;
  }
}

/** False when it was brought back meanwhile, or a pipeline came in at the last moment: then the next round goes on. */
async function removeProject(deps: RemovalDeps, id: number, before: number, now: number): Promise<boolean> {
  const { db, repositories } = deps;
  if (!(await db.transaction((tx) => beginRemoval(tx, id, before)))) return false;
  await removePipelines(deps, id, now);
  await repositories.remove(id);
  return db.transaction(async (tx) => {
    if (await hasPipelines(tx, id)) return false;
    await forgetPushes(tx, id);
    await forgetArtifactBytes(tx, id);
    await removeFromPipelines(tx, id);
    await removeRunnersOfProject(tx, id);
    await forgetRunning(tx, id);
    await removeProjectRow(tx, id, now);
    return true;
  });
}

async function removeGroup(db: Database, id: number, now: number): Promise<boolean> {
  await db.transaction(async (tx) => {
    await removeRunnersOfGroup(tx, id);
    await removeGroupRow(tx, id, now);
  });
  return true;
}
