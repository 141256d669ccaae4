import {
  fits,
  type JobKind,
  type JobPlace,
  type RunnerFacts,
  scopesOf,
  scopesOffering,
} from '../queue/match.ts';
import type { RunnerStatus } from './status.ts';

/** A rule that keeps a runner from taking a waiting job (runner-api 2, *Matching*). */
export type Obstacle =
  /** The project does not let in runners of this type. */
  | { rule: 'instance_runners_disabled' | 'group_runners_disabled' }
  /** It works for other projects or groups. */
  | { rule: 'not_of_this_project' }
  | { rule: 'paused' }
  /** It takes jobs of protected refs only. */
  | { rule: 'protected_refs_only' }
  | { rule: 'untagged_jobs_not_taken' }
  /** Tags of the job that the runner does not have. */
  | { rule: 'tags_missing'; tags: string[] }
  /** It would be given the job, but has not asked for one lately, or never. */
  | { rule: 'not_online'; status: Exclude<RunnerStatus, 'online'> };

/** Everything that keeps the runner from taking such a job; empty when its next request may bring it. Pure. */
export function obstaclesOf(runner: RunnerFacts, status: RunnerStatus, job: JobPlace & JobKind): Obstacle[] {
  return [
    ...obstaclesOfPlace(runner, job),
    ...obstaclesOfKind(runner, job),
    ...(status === 'online' ? [] : [{ rule: 'not_online', status } as const]),
  ];
}

function obstaclesOfPlace(runner: RunnerFacts, job: JobPlace): Obstacle[] {
  const offered = scopesOffering(job);
  if (scopesOf(runner).some((scope) => offered.includes(scope))) return [];
  if (runner.type === 'instance_type') return [{ rule: 'instance_runners_disabled' }];
  const ofItsGroups = runner.groupId !== null && job.groupIds.includes(runner.groupId);
  return [{ rule: ofItsGroups ? 'group_runners_disabled' : 'not_of_this_project' }];
}

function obstaclesOfKind(runner: RunnerFacts, job: JobKind): Obstacle[] {
  if (fits(runner, job)) return [];
  const missing = job.tags.filter((tag) => !runner.tags.includes(tag));
  return [
    ...(runner.paused ? [{ rule: 'paused' } as const] : []),
    ...(runner.protectedOnly && !job.protected ? [{ rule: 'protected_refs_only' } as const] : []),
    ...(job.tags.length === 0 && !runner.runUntagged ? [{ rule: 'untagged_jobs_not_taken' } as const] : []),
    ...(missing.length > 0 ? [{ rule: 'tags_missing', tags: missing } as const] : []),
  ];
}
