import type { Reading, Tx } from '../db/transaction.ts';
import { type Project, projectOfRow } from './project.ts';
import {
  admittedProjectRows,
  countEntries,
  deleteAdmitted,
  insertAdmitted,
  isAdmitted,
  isOutboundLimited,
  setInbound,
} from './queries/job-token-scope.ts';

export { admittedGroupIds, admittedSince } from './queries/job-token-scope.ts';

/** Entries that a project may list (security JT-3). */
const MAX_ENTRIES = 200;

/**
 * Whether jobs of a project may use their token on another: the target lets them in, or everybody, and their own project
 * does not keep them to itself (jobs-api 1.5). A project's own jobs always may.
 */
export async function takesJobsOf(reading: Reading, target: Project, sourceId: number): Promise<boolean> {
  if (target.id === sourceId) return true;
  if (await isOutboundLimited(reading, sourceId)) return false;
  return !target.ciInboundJobTokenScopeEnabled || (await isAdmitted(reading, target.id, sourceId));
}

/** One page of the projects whose jobs are let in, the project itself among them, by id; and how many there are. */
export async function listAdmittedProjects(
  reading: Reading,
  projectId: number,
  slice: { limit: number; offset: number },
): Promise<{ projects: Project[]; total: number }> {
  const { rows, total } = await admittedProjectRows(reading, projectId, slice);
  return { projects: rows.map(projectOfRow), total };
}

/** Lets in the jobs of a project, or of all projects of a group. */
export async function admit(
  tx: Tx,
  projectId: number,
  whom: { kind: 'project' | 'group'; id: number },
  now: number,
): Promise<{ ok: true } | { ok: false; reason: 'there_already' | 'too_many' }> {
  if (whom.kind === 'project' && whom.id === projectId) return { ok: false, reason: 'there_already' };
  if ((await countEntries(tx, projectId)) >= MAX_ENTRIES) return { ok: false, reason: 'too_many' };
  const added = await insertAdmitted(tx, projectId, whom.kind, whom.id, now);
  return added ? { ok: true } : { ok: false, reason: 'there_already' };
}

/** No longer lets them in. */
export function dismiss(
  tx: Tx,
  projectId: number,
  whom: { kind: 'project' | 'group'; id: number },
): Promise<void> {
  return deleteAdmitted(tx, projectId, whom.kind, whom.id);
}

/** Whether only listed projects' jobs are let in. */
export function limitInbound(tx: Tx, projectId: number, enabled: boolean, now: number): Promise<void> {
  return setInbound(tx, projectId, enabled, now);
}
