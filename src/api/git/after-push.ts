import type { Database } from '../../db/database.ts';
import type { Tx } from '../../db/transaction.ts';
import {
  AlreadySettled,
  eventOf,
  isDeletion,
  type Push,
  type PushEvent,
  type RefUpdate,
  type Settle,
} from '../../git/push.ts';
import { parseRef, ZERO_SHA } from '../../git/ref-name.ts';
import { branchExists, headBranch, setHead } from '../../git/refs.ts';
import type { Repositories } from '../../git/repository.ts';
import { notePushForHooks } from '../../pipeline/hook-events.ts';
import { notePush } from '../../project/change-project.ts';
import { setDefaultBranch } from '../../project/default-branch.ts';
import { type Project, projectById } from '../../project/project.ts';
import { type User, userById } from '../../project/user.ts';

/** One branch or tag that now stands at `event.newSha`, with everything its pipeline is made of. */
export interface PipelineStart {
  event: PushEvent;
  project: Project;
  user: User;
  /** Call in the transaction that stores the pipeline, or by itself when there is none. */
  settled: (tx: Tx) => Promise<void>;
  /** External base URL, for what the user is shown. */
  baseUrl: string;
  /** Milliseconds. */
  now: number;
}

/** Makes the pipeline of one ref and gives the lines to show; a refusal of the configuration is a line, not an exception. */
export type StartPipeline = (start: PipelineStart) => Promise<string[]>;

export interface AfterPushDeps {
  db: Database;
  repositories: Repositories;
  startPipeline: StartPipeline;
}

/** Branches (or tags) made, or moved, by one push beyond which none of them gets a pipeline, as in GitLab. */
const MAX_PIPELINES = 4;

/** What every push leads to: the default branch of a repository that had none, and a pipeline for each branch and tag. */
export async function afterPush(
  deps: AfterPushDeps,
  push: Push,
  settle: Settle,
  about: { baseUrl: string; now: number },
): Promise<string[]> {
  const project = await projectById(deps.db.read, push.projectId);
  const user = await userById(deps.db.read, push.userId);
  if (project === null || user === null) return [];
  const lines: string[] = [];
  const settled = await withDefaultBranch(deps, project, push, about.now);
  const hasCommits = push.updates.some((update) => !isDeletion(update));
  await deps.db.transaction(async (tx) => {
    await notePush(tx, project.id, hasCommits, about.now);
    await notePushForHooks(tx, push, about.now);
  });
  for (const group of groupsOf(push.updates)) {
    if (group.length > MAX_PIPELINES) {
      lines.push(`No pipelines: more than ${MAX_PIPELINES} ${kindOf(group[0])} were pushed at once.`);
      continue;
    }
    for (const update of group) {
      const start = { event: eventOf(push, update), project: settled, user, ...about };
      lines.push(...(await startOnce(deps, start, (tx) => settle(tx, update))));
    }
  }
  return lines;
}

async function startOnce(
  deps: AfterPushDeps,
  start: Omit<PipelineStart, 'settled'>,
  settled: PipelineStart['settled'],
): Promise<string[]> {
  try {
    return await deps.startPipeline({ ...start, settled });
  } catch (error) {
    if (error instanceof AlreadySettled) return []; // a duty of another process was faster
    throw error;
  }
}

/** Branches and tags that stand somewhere new, those just made apart from those moved. */
function groupsOf(updates: readonly RefUpdate[]): RefUpdate[][] {
  const groups = new Map<string, RefUpdate[]>();
  for (const update of updates) {
    const ref = parseRef(update.ref);
    if (ref === null || isDeletion(update)) continue;
    const key = `${ref.kind} ${update.oldSha === ZERO_SHA}`;
    groups.set(key, [...(groups.get(key) ?? []), update]);
  }
  return [...groups.values()];
}

function kindOf(update: RefUpdate | undefined): string {
  return update?.ref.startsWith('refs/tags/') ? 'tags' : 'branches';
}

const USUAL_NAMES = ['main', 'master'];

/** While HEAD names a branch that does not exist, the first push chooses: `main`, `master`, or its first branch. */
async function withDefaultBranch(
  { db, repositories }: AfterPushDeps,
  project: Project,
  push: Push,
  now: number,
): Promise<Project> {
  const head = await headBranch(repositories, project.id);
  if (head !== null && (await branchExists(repositories, project.id, head))) return project;
  const names = push.updates
    .filter((update) => !isDeletion(update))
    .flatMap((update) => parseRef(update.ref) ?? [])
    .flatMap(({ kind, name }) => (kind === 'branch' ? [name] : []));
  const branch = USUAL_NAMES.find((name) => names.includes(name)) ?? names[0];
  if (branch === undefined) return project;
  await setHead(repositories, project.id, branch);
  await db.transaction((tx) => setDefaultBranch(tx, project.id, branch, now));
  return { ...project, defaultBranch: branch };
}
