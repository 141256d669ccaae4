import type { Reading, Tx } from '../db/transaction.ts';
import { offerSlot } from './advance.ts';
import {
  lockResourceGroup,
  type ProcessMode,
  type ResourceGroup,
  selectResourceGroup,
  selectResourceGroups,
  updateProcessMode,
} from './queries/resource-groups.ts';

export type { ProcessMode, ResourceGroup } from './queries/resource-groups.ts';

/** A project's resource group by its (expanded) key, or null. */
export function resourceGroupByKey(
  reading: Reading,
  projectId: number,
  key: string,
): Promise<ResourceGroup | null> {
  return selectResourceGroup(reading, projectId, key);
}

/** A project's resource groups, oldest first. */
export function resourceGroupsOf(reading: Reading, projectId: number): Promise<ResourceGroup[]> {
  return selectResourceGroups(reading, projectId);
}

/** Changes who is next for the slot (ci-yaml 25); somebody the old order held back may get it now. */
export async function setProcessMode(
  tx: Tx,
  groupId: number,
  mode: ProcessMode,
  now: number,
): Promise<ResourceGroup | null> {
  if ((await lockResourceGroup(tx, groupId)) === null) return null;
  await updateProcessMode(tx, groupId, mode, now);
  await offerSlot(tx, groupId, now);
  return lockResourceGroup(tx, groupId);
}
