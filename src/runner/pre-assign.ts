import { type Artifact, artifactsOf, isAvailable } from '../artifact/artifact.ts';
import { sharedReading } from '../db/shared-reading.ts';
import type { Reading, Tx } from '../db/transaction.ts';
import { isArchived } from '../pipeline/archive.ts';
import { dependenciesOf } from '../pipeline/dependencies.ts';
import type { FailureReason } from '../pipeline/failure-reason.ts';
import { type BuildDefinition, definitionsByIds } from '../pipeline/job-definition.ts';
import type { JobRow } from '../pipeline/job-lookup.ts';
import { type Project, projectById } from '../project/project.ts';
import { type User, userById } from '../project/user.ts';
import type { RunnerFeature } from './protocol.ts';

export type Features = Partial<Record<RunnerFeature, boolean>>;

/** What decides whether a claimed job may be handed out. */
export interface AssignFacts {
  definition: BuildDefinition;
  /** Jobs whose artifacts it gets, with the archive as far as it is still there. */
  dependencies: readonly { job: JobRow; archive: Artifact | null }[];
  project: Project | null;
  user: User | null;
  /** Too old to be run, or of a project that is read-only. */
  archived: boolean;
  /** The account behind the job is gone. */
  userRemoved: boolean;
}

/** Reads what `refusalOf` asks for, by job id; what jobs have in common is read once. */
export async function loadAssignFacts(
  tx: Tx,
  jobs: readonly JobRow[],
  now: number,
): Promise<Map<number, AssignFacts>> {
  // Nothing is written meanwhile, so what several jobs ask for is read once.
  const read = sharedReading(tx);
  const ids = jobs.map(({ definitionId }) => definitionId);
  const definitions = await definitionsByIds(read, ids);
  const facts = await Promise.all(
    jobs.map(async (job): Promise<AssignFacts> => {
      const definition = definitions.get(job.definitionId);
      if (definition?.type !== 'build') throw new Error(`job ${job.id} is a bridge, which no runner takes`);
      const [dependencies, project, user, old] = await Promise.all([
        dependenciesOf(read, job, definition).then((found) => withArchives(read, found)),
        projectById(read, job.projectId),
        job.userId === null ? null : userById(read, job.userId),
        isArchived(read, job.pipelineId, now),
      ]);
      const userRemoved = job.userId !== null && user === null;
      const archived = old || project?.archived === true;
      return { definition, dependencies, project, user, archived, userRemoved };
    }),
  );
  return new Map(jobs.map(({ id }, index) => [id, facts[index]!]));
}

async function withArchives(
  read: Reading,
  dependencies: readonly JobRow[],
): Promise<AssignFacts['dependencies']> {
  const expiring = dependencies.filter(({ artifactsExpireAt }) => artifactsExpireAt !== null);
  const artifacts = await artifactsOf(
    read,
    expiring.map(({ id }) => id),
  );
  return dependencies.map((job) => ({
    job,
    archive: artifacts.get(job.id)?.find(({ type }) => type === 'archive') ?? null,
  }));
}

/** The first reason for which a claimed job fails instead of running (runner-api 2, *Pre-assign checks*), or null. Pure. */
export function refusalOf(facts: AssignFacts, features: Features, now: number): FailureReason | null {
  const { definition, dependencies, project, user } = facts;
  if (dependencies.some(({ job, archive }) => isLost(job, archive, now))) return 'missing_dependency_failure';
  if (neededFeatures(definition).some((feature) => features[feature] !== true)) return 'runner_unsupported';
  if (facts.archived) return 'archived_failure';
  if (project === null) return 'project_deleted';
  if (project.buildsAccessLevel === 'disabled') return 'builds_disabled';
  if (facts.userRemoved || user?.state === 'blocked' || user?.state === 'banned') return 'user_blocked';
  return null;
}

/** Its artifacts were erased, or expired and are not kept for being the latest. */
function isLost(job: JobRow, archive: Artifact | null, now: number): boolean {
  if (job.erasedAt !== null) return true;
  if (job.artifactsExpireAt === null || job.artifactsExpireAt > now) return false;
  return archive === null || !isAvailable(archive, now);
}

function neededFeatures(definition: BuildDefinition): RunnerFeature[] {
  const { artifacts, release, allowFailureExitCodes, cache, secrets } = definition;
  const needed: RunnerFeature[] = [];
  if (artifacts !== null && Object.keys(artifacts.reports).length > 0)
    needed.push('upload_multiple_artifacts');
  if (artifacts !== null && artifacts.exclude.length > 0) needed.push('artifacts_exclude');
  if (release !== null) needed.push('multi_build_steps');
  if (allowFailureExitCodes.length > 0) needed.push('return_exit_code');
  if (cache.some(({ fallbackKeys }) => fallbackKeys.length > 0)) needed.push('fallback_cache_keys');
  if (secrets !== null && Object.keys(secrets).length > 0) needed.push('vault_secrets');
  return needed;
}
