import type { Reading, Tx } from '../db/transaction.ts';
import { instanceSettings } from './instance-settings.ts';
import {
  botsOf,
  condemnProject,
  deleteGroupRows,
  deleteProjectRows,
  selectDueProjects,
  selectEmptyGroups,
} from './queries/removal.ts';
import { removeUser } from './remove-user.ts';
import { userById } from './user.ts';

const DAY_MS = 86_400_000;

/** What was marked at or before this time (milliseconds) is to be removed now (rest-resources 1.7). */
export async function removalDueBefore(reading: Reading, now: number): Promise<number> {
  const { deletion_adjourned_period: days } = await instanceSettings(reading);
  return now - days * DAY_MS;
}

/** Up to `limit` projects whose time to be restored is over, or that are to be removed at once; `before` in milliseconds. */
export function projectsDueForRemoval(reading: Reading, before: number, limit: number): Promise<number[]> {
  return selectDueProjects(reading, before, limit);
}

/** Up to `limit` groups and namespaces of removed users whose time is over and that hold no project and no group any more. */
export function groupsDueForRemoval(reading: Reading, before: number, limit: number): Promise<number[]> {
  return selectEmptyGroups(reading, before, limit);
}

/** Takes a project that is still due out of everybody's reach, for good; false when somebody brought it back. */
export function beginRemoval(tx: Tx, projectId: number, before: number): Promise<boolean> {
  return condemnProject(tx, projectId, before);
}

/** The last step of a project's removal: its tokens with their bots, members, variables, protected refs and its row. */
export async function removeProjectRow(tx: Tx, projectId: number, now: number): Promise<void> {
  await removeBots(tx, 'project', projectId, now);
  await deleteProjectRows(tx, projectId);
}

/** The last step of a group's removal; nothing may be in it any more. */
export async function removeGroupRow(tx: Tx, groupId: number, now: number): Promise<void> {
  await removeBots(tx, 'group', groupId, now);
  await deleteGroupRows(tx, groupId);
}

async function removeBots(tx: Tx, kind: 'project' | 'group', id: number, now: number): Promise<void> {
  for (const userId of await botsOf(tx, kind, id)) {
    const bot = await userById(tx, userId);
    if (bot !== null) await removeUser(tx, bot, now);
  }
}
