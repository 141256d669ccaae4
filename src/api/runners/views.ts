import { GUEST, levelOf } from '../../project/authorize.ts';
import { userOf } from '../../project/caller.ts';
import { namespaceById } from '../../project/namespace.ts';
import { type Project, projectById } from '../../project/project.ts';
import { usersByIds } from '../../project/user.ts';
import { managersOf } from '../../runner/manager.ts';
import { projectsOfRunner, runnerOfRow } from '../../runner/runner.ts';
import { runnerDetails, runnerItem } from '../entities/runner-details.ts';
import { pageAnswer, pageOf } from '../pagination.ts';
import { projectViews } from '../projects/views.ts';
import type { RunnerRow } from '../read/rows.ts';
import {
  busyRunners,
  listRunners,
  type RunnerFilter,
  type RunnerReach,
  runnerRowById,
} from '../read/runners.ts';
import type { Answer, Call } from '../route.ts';
import { mayManage } from './managed-runner.ts';

type ViewCall = Pick<Call, 'rooms' | 'caller' | 'now' | 'baseUrl'>;

/** One page of runners. */
export async function runnersPage(
  call: Pick<Call, 'rooms' | 'now' | 'baseUrl' | 'received' | 'path'> & {
    params: { page: number; per_page: number };
  },
  reach: RunnerReach,
  filters: readonly RunnerFilter[],
): Promise<Answer> {
  const page = pageOf(call.params);
  const { rows, total } = await listRunners(call.rooms.db.read, reach, filters, page, call.now);
  return pageAnswer(call, page, await runnerItems(call, rows), total);
}

/** Runners as lists show them. */
export async function runnerItems(
  { rooms, baseUrl, now }: Pick<Call, 'rooms' | 'now' | 'baseUrl'>,
  rows: readonly RunnerRow[],
): Promise<unknown[]> {
  const { read } = rooms.db;
  const busy = await busyRunners(
    read,
    rows.map(({ id }) => id),
  );
  const creators = await usersByIds(
    read,
    rows.flatMap(({ creator_id: id }) => id ?? []),
  );
  return rows.map((row) => {
    const creator = row.creator_id === null ? null : (creators.get(row.creator_id) ?? null);
    return runnerItem(row, { baseUrl, now, busy: busy.has(row.id), creator });
  });
}

/** One runner with everything; the note is for those who administer it, of its projects the caller sees those that he is in. */
export async function runnerView(call: ViewCall, id: number): Promise<unknown> {
  const { rooms, baseUrl, now } = call;
  const { read } = rooms.db;
  const row = await runnerRowById(read, id);
  const creators = await usersByIds(read, row.creator_id === null ? [] : [row.creator_id]);
  const managers = await managersOf(read, id);
  const newest = managers.reduce<(typeof managers)[number] | null>(
    (best, manager) => ((manager.contactedAt ?? 0) > (best?.contactedAt ?? -1) ? manager : best),
    null,
  );
  const context = {
    baseUrl,
    now,
    busy: (await busyRunners(read, [id])).has(id),
    creator: creators.get(row.creator_id ?? 0) ?? null,
  };
  const group = row.namespace_id === null ? null : await namespaceById(read, row.namespace_id);
  return runnerDetails(row, context, {
    manager: newest,
    managed: await mayManage(call, runnerOfRow(row)),
    projects: await projectsSeen(call, id),
    group,
  });
}

async function projectsSeen(call: ViewCall, runnerId: number): Promise<unknown[]> {
  const { rooms, caller, now } = call;
  const { read } = rooms.db;
  const seen: Project[] = [];
  for (const id of await projectsOfRunner(read, runnerId)) {
    const project = await projectById(read, id);
    if (project === null) continue;
    if (userOf(caller)?.admin || (await levelOf(read, caller, id, now)) >= GUEST) seen.push(project);
  }
  return projectViews(call, seen, 'basic');
}
