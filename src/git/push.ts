import type { Database } from '../db/database.ts';
import type { Tx } from '../db/transaction.ts';
import {
  confirmPush,
  deletePush,
  deletePushesOf,
  deleteStatistics,
  insertPush,
  pushesBefore,
  removeUpdate,
} from './queries.ts';
import { ZERO_SHA } from './ref-name.ts';
import { readRef } from './refs.ts';
import type { Repositories } from './repository.ts';

/** A ref that moved; `ZERO_SHA` as old: it is new; as new: it is gone. */
export interface RefUpdate {
  ref: string;
  oldSha: string;
  newSha: string;
}

/** All refs of one push, from the note that outlives a crash. */
export interface Push {
  id: number;
  projectId: number;
  userId: number;
  options: string[];
  updates: RefUpdate[];
  /** The refs are known to have moved. */
  confirmed: boolean;
  /** Milliseconds. */
  createdAt: number;
}

/** One ref update of a push, as pipeline creation takes it. */
export interface PushEvent {
  projectId: number;
  userId: number;
  /** `refs/heads/…` or `refs/tags/…` */
  ref: string;
  oldSha: string;
  newSha: string;
  options: string[];
}

/** Call in the transaction that stores what one ref update led to: it is then owed no more, exactly once. */
export type Settle = (tx: Tx, update: RefUpdate) => Promise<void>;

/** Does what a push leads to and gives the lines to show its user. Throws only for what another try may mend. */
export type PushHandler = (push: Push, settle: Settle) => Promise<string[]>;

/** What moves refs for users. */
export interface PushDeps {
  db: Database;
  repositories: Repositories;
  onPush: PushHandler;
  /** Told of a failure after the refs moved; the push is completed later. */
  onError: (error: unknown) => void;
}

/** The event of one update of a push. */
export function eventOf(push: Push, update: RefUpdate): PushEvent {
  return { projectId: push.projectId, userId: push.userId, options: push.options, ...update };
}

/** Whether the update removed its ref. */
export function isDeletion(update: RefUpdate): boolean {
  return update.newSha === ZERO_SHA;
}

/**
 * Moves refs so that no kill loses what they lead to: the move is noted, the refs move, the note is confirmed, the
 * handler is called, the note goes. `move` returns the updates that took place. Gives the lines for the user.
 */
export async function carryOut(
  deps: PushDeps,
  intent: { projectId: number; userId: number; options: string[]; updates: RefUpdate[] },
  move: () => Promise<RefUpdate[]>,
  now: number,
): Promise<string[]> {
  const id = await deps.db.transaction((tx) => insertPush(tx, intent, now));
  const updates = await move();
  if (updates.length === 0) {
    await deps.db.transaction((tx) => deletePush(tx, id));
    return [];
  }
  try {
    await deps.db.transaction((tx) => confirmPush(tx, id, updates));
    return await complete(deps, { ...intent, id, updates, confirmed: true, createdAt: now });
  } catch (error) {
    deps.onError(error);
    return ['The refs moved; their pipelines follow later: the server met an error.'];
  }
}

async function complete(deps: PushDeps, push: Push): Promise<string[]> {
  const settle: Settle = async (tx, update) => {
    if (!(await removeUpdate(tx, push.id, update.ref))) throw new AlreadySettled();
  };
  const lines = push.updates.length === 0 ? [] : await deps.onPush(push, settle);
  await deps.db.transaction((tx) => deletePush(tx, push.id));
  return lines;
}

/** Somebody else is completing the same push; what this transaction stored is rolled back. */
export class AlreadySettled extends Error {
  override readonly name = 'AlreadySettled';
}

const GIVE_UP_MS = 24 * 60 * 60 * 1000;

/**
 * Completes pushes that a crash cut short: notes made at least `minAgeMs` before `now`. A note that was not confirmed is
 * compared with the refs: an update took place when its ref holds the new value; one that did not was never
 * acknowledged. Gives the number of pushes completed; one that fails is reported
 * and left for the next time, for a day.
 */
export async function recoverPushes(deps: PushDeps, now: number, minAgeMs: number): Promise<number> {
  let completed = 0;
  let last = 0;
  for (;;) {
    const pushes = await pushesBefore(deps.db.read, now - minAgeMs, last);
    for (const push of pushes) {
      last = push.id;
      try {
        await complete(deps, push.confirmed ? push : await confirmAfterCrash(deps, push));
        completed++;
      } catch (error) {
        deps.onError(error);
        if (push.createdAt < now - GIVE_UP_MS) await deps.db.transaction((tx) => deletePush(tx, push.id));
      }
    }
    if (pushes.length === 0) return completed;
  }
}

async function confirmAfterCrash(deps: PushDeps, push: Push): Promise<Push> {
  const path = deps.repositories.path(push.projectId);
  const updates: RefUpdate[] = [];
  if (await deps.repositories.exists(push.projectId)) {
    for (const update of push.updates) {
      if (((await readRef(path, update.ref)) ?? ZERO_SHA) === update.newSha) updates.push(update);
    }
  }
  await deps.db.transaction((tx) => confirmPush(tx, push.id, updates));
  return { ...push, updates, confirmed: true };
}

/** Forgets the pushes of a project that is being removed: nothing is owed to it. */
export async function forgetPushes(tx: Tx, projectId: number): Promise<void> {
  await deletePushesOf(tx, projectId);
  await deleteStatistics(tx, projectId);
}
