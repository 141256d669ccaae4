import type { Tx } from '../db/transaction.ts';
import { digestOf, makeToken } from '../project/token.ts';
import { tickRunner } from '../queue/version.ts';
import { cleanTags, problemsOf, type RunnerAttributes, UNSAID } from './attributes.ts';
import {
  assignProject,
  deleteManagerRow,
  deleteRunnerRow,
  insertRunner,
  lockedProjectIdsOf,
  lockedRunnerRow,
  unassignProject,
  updateRunnerRow,
} from './queries.ts';
import { type Runner, runnerOfRow } from './runner.ts';
import { tokenExpiry } from './token-expiry.ts';

/** Where a new runner belongs. */
export type RunnerPlace =
  | { type: 'instance_type' }
  | { type: 'group_type'; groupId: number }
  | { type: 'project_type'; projectId: number };

export type Registered =
  /** `token` is shown this once; only its digest is kept. */
  | { ok: true; id: number; token: string; tokenExpiresAt: number | null }
  | { ok: false; problems: Record<string, string[]> };

/** By this a runner knows how it came to be: `glrtr-` is of one that registered itself (runner-api 1). */
type TokenPrefix = 'glrt-' | 'glrtr-';

const SHORT_TOKEN_LENGTH = 9;

/**
 * Makes a runner, which is as `UNSAID` where nothing is said, with a token that never expires where it is `forGood`. Who may is
 * asked by the caller (rest-resources 7.4).
 */
export async function registerRunner(
  tx: Tx,
  place: RunnerPlace,
  given: Partial<RunnerAttributes>,
  by: { creatorId: number | null; now: number; prefix?: TokenPrefix; forGood?: boolean },
): Promise<Registered> {
  const attributes = { ...UNSAID, ...given };
  attributes.tags = cleanTags(attributes.tags);
  const problems = problemsOf(attributes);
  if (Object.keys(problems).length > 0) return { ok: false, problems };
  const token = makeToken(by.prefix ?? 'glrt-');
  const tokenExpiresAt = by.forGood === true ? null : await tokenExpiry(tx, place.type, by.now);
  const id = await insertRunner(tx, {
    runner_type: place.type,
    ...tokenColumns(token),
    token_expires_at: tokenExpiresAt,
    namespace_id: place.type === 'group_type' ? place.groupId : null,
    ...columnsOf(attributes),
    creator_id: by.creatorId,
    creation_finished: 0,
    contacted_at: null,
    created_at: by.now,
    updated_at: by.now,
  });
  if (place.type === 'project_type') await assignProject(tx, id, place.projectId, by.now);
  return { ok: true, id, token, tokenExpiresAt };
}

/** Changes what is named of a runner, which must be there; its next poll looks again. */
export async function updateRunner(
  tx: Tx,
  runnerId: number,
  changes: Partial<RunnerAttributes>,
  now: number,
): Promise<{ ok: true } | { ok: false; problems: Record<string, string[]> }> {
  const row = await lockedRunnerRow(tx, runnerId);
  if (row === null) throw new Error(`runner ${runnerId} is gone`);
  const attributes = { ...attributesOf(runnerOfRow(row)), ...changes };
  attributes.tags = cleanTags(attributes.tags);
  const problems = problemsOf(attributes);
  if (Object.keys(problems).length > 0) return { ok: false, problems };
  await updateRunnerRow(tx, runnerId, { ...columnsOf(attributes), updated_at: now });
  await tickRunner(tx, runnerId);
  return { ok: true };
}

/** Lets a project runner take jobs of one more project; false: it does. Who may is asked by the caller (security RUN-1). */
export async function assignRunner(
  tx: Tx,
  runnerId: number,
  projectId: number,
  now: number,
): Promise<boolean> {
  const added = await assignProject(tx, runnerId, projectId, now);
  if (added) await tickRunner(tx, runnerId);
  return added;
}

/** Takes a project from a runner; its running jobs go on. False: it has no other one, and keeps it. */
export async function unassignRunner(tx: Tx, runnerId: number, projectId: number): Promise<boolean> {
  const others = (await lockedProjectIdsOf(tx, runnerId)).filter((id) => id !== projectId);
  if (others.length === 0) return false;
  await unassignProject(tx, runnerId, projectId);
  await tickRunner(tx, runnerId);
  return true;
}

/** Gives a runner a new token; the old one is dead with the commit (security RUN-4). Its running jobs go on. */
export async function resetToken(
  tx: Tx,
  { id, type }: Pick<Runner, 'id' | 'type'>,
  now: number,
  prefix: TokenPrefix = 'glrt-',
): Promise<{ token: string; tokenExpiresAt: number | null }> {
  const token = makeToken(prefix);
  const tokenExpiresAt = await tokenExpiry(tx, type, now);
  const columns = { ...tokenColumns(token), token_expires_at: tokenExpiresAt };
  await updateRunnerRow(tx, id, { ...columns, updated_at: now });
  return { token, tokenExpiresAt };
}

/** Removes a runner with all its managers. Jobs that it runs go on until they end or fall silent. */
export async function removeRunner(tx: Tx, runnerId: number): Promise<void> {
  await deleteRunnerRow(tx, runnerId);
  await tickRunner(tx, runnerId);
}

/** Removes one manager of a runner; false when there is none. */
export function removeManager(tx: Tx, runnerId: number, systemId: string): Promise<boolean> {
  return deleteManagerRow(tx, runnerId, systemId);
}

function tokenColumns(token: string) {
  const start = token.indexOf('-') + 1;
  return { token_digest: digestOf(token), short_token: token.slice(start, start + SHORT_TOKEN_LENGTH) };
}

function attributesOf(runner: Runner): RunnerAttributes {
  const { name, description, maintenanceNote, paused, locked, accessLevel, runUntagged, tags } = runner;
  const { maximumTimeoutSeconds } = runner;
  return {
    name,
    description,
    maintenanceNote,
    paused,
    locked,
    accessLevel,
    runUntagged,
    tags,
    maximumTimeoutSeconds,
  };
}

function columnsOf(attributes: RunnerAttributes) {
  return {
    name: attributes.name,
    description: attributes.description,
    maintenance_note: attributes.maintenanceNote,
    paused: attributes.paused ? 1 : 0,
    locked: attributes.locked ? 1 : 0,
    run_untagged: attributes.runUntagged ? 1 : 0,
    access_level: attributes.accessLevel,
    maximum_timeout: attributes.maximumTimeoutSeconds,
    tag_list: JSON.stringify(attributes.tags),
  };
}
