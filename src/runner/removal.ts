import type { Tx } from '../db/transaction.ts';
import { deleteRegistrationToken, runnersOfGroup, runnersOfProject } from './queries.ts';
import { removeRunner, unassignRunner } from './register.ts';

/** Takes a removed project from its runners; those that serve no other one go with it. */
export async function removeRunnersOfProject(tx: Tx, projectId: number): Promise<void> {
  for (const id of await runnersOfProject(tx, projectId)) {
    if (!(await unassignRunner(tx, id, projectId))) await removeRunner(tx, id);
  }
  await deleteRegistrationToken(tx, `project:${projectId}`);
}

/** Removes the runners of a removed group. */
export async function removeRunnersOfGroup(tx: Tx, groupId: number): Promise<void> {
  for (const id of await runnersOfGroup(tx, groupId)) await removeRunner(tx, id);
  await deleteRegistrationToken(tx, `group:${groupId}`);
}
