import { expandVariables } from '../config/expand-variables.ts';
import { madeOnce } from '../db/shared-reading.ts';
import type { Reading } from '../db/transaction.ts';
import type { Encryption } from '../project/encryption.ts';
import type { Project } from '../project/project.ts';
import { userById } from '../project/user.ts';
import { type JobVariable, secretVariables } from '../project/variable.ts';
import { givenVariableRows, type VariableSource, variableSource } from './create/queries/variable-sources.ts';
import { crossDependenciesOf } from './dependencies.ts';
import { type Environment, environmentByName } from './environment.ts';
import { isFrozen } from './freeze-period.ts';
import type { BuildDefinition } from './job-definition.ts';
import { environmentTier } from './job-environment.ts';
import type { JobRow } from './job-lookup.ts';
import { variablesOfJobs } from './job-variables.ts';
import {
  type PersistedFacts,
  persistedVariables,
  type RunnerFacts,
  runnerVariables,
} from './variables/persisted.ts';
import { inPrecedence } from './variables/precedence.ts';
import {
  environmentVariables,
  jobFactVariables,
  type PipelineFacts,
  type PipelineOrigin,
  pipelineVariables,
  projectVariables,
  userVariables,
} from './variables/predefined.ts';
import { serverVariables } from './variables/server.ts';
import { publicVariable } from './variables/variable.ts';
import { yamlJobVariable } from './variables/yaml.ts';

export { repositoryUrl } from './variables/persisted.ts';
export { COMPATIBLE_REVISION, COMPATIBLE_VERSION } from './variables/server.ts';
export { environmentSlugOf, groupNameOf, slugOf } from './variables/slug.ts';

/** A job that goes to a runner. */
export interface StartingJob {
  job: JobRow;
  definition: BuildDefinition;
  project: Project;
  runner: RunnerFacts;
  /** The job's own token, for this run. */
  token: string;
  /** External base URL without trailing slash. */
  serverUrl: string;
  /** What `dependenciesOf` gives for it. */
  dependencies: readonly JobRow[];
}

/** A variable as it goes over the wire: `file` and `raw` only where they hold. */
export type PayloadVariable = Pick<JobVariable, 'key' | 'value' | 'public' | 'masked'> &
  Partial<Pick<JobVariable, 'file' | 'raw'>>;

/**
 * All variables of a job for the runner (ci-yaml 13, runner-api 3), one for each key, expanded with each other but for
 * references that only the runner can follow. Throws when the pipeline is gone.
 */
export async function jobVariables(
  { read, encryption }: { read: Reading; encryption: Encryption },
  starting: StartingJob,
): Promise<PayloadVariable[]> {
  const { job, definition, project } = starting;
  const [{ facts, persisted }, secrets, place, user, given, manual] = await Promise.all([
    pipelineFactsOf(read, starting),
    madeOnce(read, `secrets ${project.id} ${job.protected} ${job.environment}`, () =>
      secretVariables(read, encryption, project, {
        protectedRef: job.protected,
        environment: job.environment,
      }),
    ),
    job.environment === null ? null : environmentByName(read, project.id, job.environment),
    job.userId === null ? null : userById(read, job.userId),
    madeOnce(read, `given ${job.pipelineId}`, () => givenVariables(read, encryption, job.pipelineId)),
    attemptVariables(read, encryption, [job.id], 'manual'),
  ]);
  const environment = environmentOf(job, definition, place);
  const groups = {
    predefined: [
      ...persistedVariables(persisted),
      ...madeOnce(read, `predefined ${job.pipelineId} ${facts.frozen} ${facts.serverUrl}`, () =>
        [...serverVariables(facts.serverUrl), ...projectVariables(facts), ...pipelineVariables(facts)].map(
          publicVariable,
        ),
      ),
      ...[
        ...jobFactVariables({ ...job, stage: definition.stage, parallel: definition.parallel }),
        ...runnerVariables(starting.runner),
      ].map(publicVariable),
    ],
    yaml: definition.variables.map(yamlJobVariable),
    user: userVariables(user).map(publicVariable),
    secrets,
    given,
    manual,
    environment,
  };
  const dotenv = await dotenvOf(read, encryption, starting, () => inPrecedence(groups));
  const list = inPrecedence({ ...groups, dotenv });
  const expanded = expandVariables(list, 'runner');
  return [...(expanded.ok ? expanded.variables : list), ...environmentUrl(definition, place)].map(onTheWire);
}

/** Where a job gets its sources. Throws when its pipeline is gone. */
export async function sourceOf(reading: Reading, job: Pick<JobRow, 'id' | 'pipelineId' | 'protected'>) {
  const { ref, tag, sha, before_sha: beforeSha } = await pipelineRow(reading, job);
  return { pipelineId: job.pipelineId, ref, tag, sha, beforeSha, protected: job.protected };
}

async function pipelineRow(
  reading: Reading,
  job: Pick<JobRow, 'id' | 'pipelineId'>,
): Promise<VariableSource> {
  const row = await variableSource(reading, job.pipelineId);
  if (row === null) throw new Error(`the pipeline of job ${job.id} is gone`);
  return row;
}

/** What a pipeline's row tells its jobs' variables. Throws when the pipeline is gone. */
export async function pipelineFactsOf(
  reading: Reading,
  { job, project, token, serverUrl }: Pick<StartingJob, 'job' | 'project' | 'token' | 'serverUrl'>,
): Promise<{ facts: PipelineFacts; persisted: PersistedFacts }> {
  const row = await pipelineRow(reading, job);
  const { message, author_name: authorName, author_email: authorEmail, committed_date: committedDate } = row;
  return {
    persisted: { serverUrl, project, job, token, pipelineIid: row.iid },
    facts: {
      serverUrl,
      project,
      ref: row.ref,
      tag: row.tag,
      sha: row.sha,
      beforeSha: row.before_sha,
      protected: row.protected,
      source: row.source,
      createdAt: row.created_at,
      name: row.name,
      frozen: row.freezes && (await isFrozen(reading, project.id, job.startedAt ?? job.updatedAt)),
      commit: message === null ? null : { message, authorName, authorEmail, committedDate },
      origin: JSON.parse(row.origin ?? '{}') as PipelineOrigin,
    },
  };
}

/** Variables given with a pipeline, decrypted. */
export async function givenVariables(
  reading: Reading,
  encryption: Encryption,
  pipelineId: number,
): Promise<JobVariable[]> {
  const rows = await givenVariableRows(reading, pipelineId);
  return rows.map(({ key, encrypted_value, variable_type, raw }) => ({
    key,
    value: encryption.decrypt(encrypted_value),
    public: false,
    masked: false,
    file: variable_type === 'file',
    raw: raw === 1,
  }));
}

/** Dotenv variables of the jobs whose artifacts the job gets; those of a later job win. */
async function dotenvOf(
  reading: Reading,
  encryption: Encryption,
  { job, definition, dependencies: own }: StartingJob,
  known: () => readonly JobVariable[],
): Promise<JobVariable[]> {
  const dependencies = [...own, ...(await crossDependenciesOf(reading, job, definition, known))];
  return attemptVariables(
    reading,
    encryption,
    dependencies.map(({ id }) => id),
    'dotenv',
  );
}

/** Variables of these attempts from one source; those of a later job come last. */
export async function attemptVariables(
  reading: Reading,
  encryption: Encryption,
  jobIds: readonly number[],
  source: 'manual' | 'dotenv',
): Promise<JobVariable[]> {
  if (jobIds.length === 0) return [];
  const byJob = await variablesOfJobs(reading, encryption, jobIds, source);
  return jobIds
    .flatMap((id) => byJob.get(id) ?? [])
    .map(({ key, value, raw }) => ({ key, value, public: false, masked: false, file: false, raw }));
}

function environmentOf(
  job: JobRow,
  { environment }: BuildDefinition,
  place: Environment | null,
): JobVariable[] {
  if (job.environment === null || environment === null) return [];
  const tier = environmentTier(environment, place, job.environment);
  const about = environmentVariables(job.environment, environment.action, tier);
  if (place !== null) about.push(['CI_ENVIRONMENT_ID', String(place.id)]);
  return about.map(publicVariable);
}

/** Last and unexpanded: it may name what only the job's own reports will tell. A job without one has its environment's. */
function environmentUrl({ environment }: BuildDefinition, place: Environment | null): JobVariable[] {
  const value = environment?.url ?? place?.externalUrl ?? null;
  if (environment === null || value === null) return [];
  return [{ key: 'CI_ENVIRONMENT_URL', value, public: true, masked: false, file: false, raw: false }];
}

function onTheWire({ key, value, public: isPublic, masked, file, raw }: JobVariable): PayloadVariable {
  const variable = { key, value, public: isPublic, masked };
  return { ...variable, ...(file ? { file } : {}), ...(raw ? { raw } : {}) };
}
