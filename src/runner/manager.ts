import type { Database } from '../db/database.ts';
import type { Reading, Tx } from '../db/transaction.ts';
import type { RunnerFeature, RunnerInfo } from './protocol.ts';
import {
  deleteManagersSilentSince,
  type ManagerRow,
  managerRow,
  managerRowById,
  managerRowsOf,
  runnerRow,
  touchManager,
  updateRunnerRow,
  upsertManager,
} from './queries.ts';
import type { Runner } from './runner.ts';
import { STALE_AFTER } from './status.ts';

/** One process of a runner, told apart by its system id; times in milliseconds. */
export interface Manager {
  id: number;
  runnerId: number;
  systemId: string;
  version: string | null;
  revision: string | null;
  platform: string | null;
  architecture: string | null;
  executor: string | null;
  ipAddress: string | null;
  features: Partial<Record<RunnerFeature, boolean>>;
  contactedAt: number | null;
  createdAt: number;
}

/** Where a runner that sends no system id is filed. */
export const LEGACY_SYSTEM_ID = '<legacy>';

/** A contact is written again after this long, milliseconds: `online` needs it at most every two hours. */
const CONTACT_EVERY = 40 * 60_000;
const CONTACT_SPREAD = 15 * 60_000;

const EXECUTORS = new Set([
  'custom',
  'shell',
  'docker',
  'docker-windows',
  'docker-ssh',
  'ssh',
  'parallels',
  'virtualbox',
  'docker+machine',
  'docker-ssh+machine',
  'kubernetes',
  'docker-autoscaler',
  'instance',
]);

export interface Contact {
  runner: Runner;
  systemId: string | undefined;
  info: RunnerInfo;
  ip: string;
  /** A job request finishes the creation of a runner; verifying alone does not. */
  asksForJobs: boolean;
  now: number;
}

/**
 * Notes that a manager of the runner called and what it said of itself. Most calls find that nothing changed and that the
 * last contact is recent, and write nothing. Gives the manager's id.
 */
export async function noteContact(db: Database, contact: Contact): Promise<number> {
  const { runner, now } = contact;
  const systemId = contact.systemId || LEGACY_SYSTEM_ID;
  const known = await managerRow(db.read, runner.id, systemId);
  const said = describe(contact, known);
  const runnerDue = (contact.asksForJobs && !runner.creationFinished) || isDue(runner.contactedAt, now);
  const managerDue = known === null || isDue(known.contacted_at, now) || differs(known, said);
  if (known !== null && !runnerDue && !managerDue) return known.id;
  return db.transaction(async (tx) => {
    if (runnerDue) {
      const finished = runner.creationFinished || contact.asksForJobs;
      await updateRunnerRow(tx, runner.id, { contacted_at: now, creation_finished: finished ? 1 : 0 });
    }
    if (!managerDue) return known.id;
    return upsertManager(tx, {
      runner_id: runner.id,
      system_xid: systemId,
      ...said,
      contacted_at: now,
      created_at: now,
    });
  });
}

/** A heartbeat of a job's runner and manager (PUT and PATCH); a recent one is not written again. */
export async function noteHeartbeat(
  db: Database,
  ids: { runnerId: number | null; managerId: number | null },
  now: number,
): Promise<void> {
  const manager = ids.managerId === null ? null : await managerRowById(db.read, ids.managerId);
  const runner = ids.runnerId === null ? null : await runnerRow(db.read, ids.runnerId);
  const managerDue = manager !== null && isDue(manager.contacted_at, now);
  const runnerDue = runner !== null && isDue(runner.contacted_at, now);
  if (!managerDue && !runnerDue) return;
  await db.transaction(async (tx) => {
    if (managerDue) await touchManager(tx, manager.id, now);
    if (runnerDue) await updateRunnerRow(tx, runner.id, { contacted_at: now });
  });
}

export async function managerById(reading: Reading, id: number): Promise<Manager | null> {
  const row = await managerRowById(reading, id);
  return row === null ? null : managerOfRow(row);
}

/** Managers of a runner, newest first. */
export async function managersOf(reading: Reading, runnerId: number): Promise<Manager[]> {
  return (await managerRowsOf(reading, runnerId)).map(managerOfRow);
}

/** Forgets up to `limit` managers that were not heard of for seven days; gives how many. */
export function forgetStaleManagers(tx: Tx, now: number, limit: number): Promise<number> {
  return deleteManagersSilentSince(tx, now - STALE_AFTER, limit);
}

/** A random spread, so that runners that started together do not all write at once. */
function isDue(contactedAt: number | null, now: number): boolean {
  return contactedAt === null || contactedAt + CONTACT_EVERY + Math.random() * CONTACT_SPREAD <= now;
}

/**
 * What is stored of what a runner says about itself: known names only, texts cut (security RUN-6). What it leaves unsaid
 * stays as it was: a bare call must not make a manager forget that it can end a job gently.
 */
function describe({ info, ip }: Contact, known: ManagerRow | null) {
  const text = (value: unknown): string | null =>
    typeof value === 'string' && value !== '' ? value.slice(0, 255) : null;
  const executor = text(info.executor);
  const mapped = executor === null || EXECUTORS.has(executor) ? executor : 'unknown';
  return {
    version: text(info.version) ?? known?.version ?? null,
    revision: text(info.revision) ?? known?.revision ?? null,
    platform: text(info.platform) ?? known?.platform ?? null,
    architecture: text(info.architecture) ?? known?.architecture ?? null,
    executor: mapped ?? known?.executor ?? null,
    ip_address: ip,
    features: trueFeatures(info.features) ?? known?.features ?? '{}',
  };
}

/** As JSON; null when nothing is said of any. */
function trueFeatures(features: unknown): string | null {
  if (typeof features !== 'object' || features === null || Object.keys(features).length === 0) return null;
  const names = Object.entries(features).filter(([name, on]) => on === true && /^[a-z_]{1,64}$/.test(name));
  const sorted = names.slice(0, 100).sort();
  return JSON.stringify(Object.fromEntries(sorted));
}

function differs(known: ManagerRow, said: ReturnType<typeof describe>): boolean {
  return (Object.keys(said) as (keyof typeof said)[]).some((key) => known[key] !== said[key]);
}

function managerOfRow(row: ManagerRow): Manager {
  return {
    id: row.id,
    runnerId: row.runner_id,
    systemId: row.system_xid,
    version: row.version,
    revision: row.revision,
    platform: row.platform,
    architecture: row.architecture,
    executor: row.executor,
    ipAddress: row.ip_address,
    features: JSON.parse(row.features) as Manager['features'],
    contactedAt: row.contacted_at,
    createdAt: row.created_at,
  };
}
