import type { Tx } from '../db/transaction.ts';
import { protectBranch } from './create-project.ts';
import { updateProjectRow } from './queries/projects.ts';

/** Makes `branch` the project's default branch and protects it as a new one is (security PROT-2). `now` in ms. */
export async function setDefaultBranch(
  tx: Tx,
  projectId: number,
  branch: string,
  now: number,
): Promise<void> {
  await updateProjectRow(tx, projectId, { default_branch: branch, updated_at: now });
  await protectBranch(tx, projectId, branch, now);
}
