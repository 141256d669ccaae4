import { artifactsOf } from '../artifact/artifact.ts';
import type { Database } from '../db/database.ts';
import type { Repositories } from '../git/repository.ts';
import { crossDependenciesOf } from '../pipeline/dependencies.ts';
import { idTokenVariables } from '../pipeline/id-tokens.ts';
import { inputsToRunWith } from '../pipeline/job-inputs.ts';
import { jobVariables, repositoryUrl, sourceOf } from '../pipeline/variables.ts';
import type { Encryption } from '../project/encryption.ts';
import type { IdTokenKeys } from '../project/id-token.ts';
import { ancestorsOf } from '../project/namespace.ts';
import { runningOnInstanceRunners } from '../queue/running.ts';
import type { Assignment } from './assign.ts';
import { artifactsToUpload } from './payload/artifacts.ts';
import { cachesOf } from './payload/cache.ts';
import { keySourceAt } from './payload/cache-key.ts';
import { dependencyList } from './payload/dependencies.ts';
import { gitInfoOf } from './payload/git-info.ts';
import { imageOf, servicesOf } from './payload/image.ts';
import { inputsOf } from './payload/inputs.ts';
import { jobInfoOf } from './payload/job-info.ts';
import { secretsOf } from './payload/secrets.ts';
import { hooksOf, stepsOf } from './payload/steps.ts';
import type { JobPayload } from './protocol.ts';
import type { Runner } from './runner.ts';

export interface PayloadDeps {
  db: Database;
  encryption: Encryption;
  repositories: Repositories;
  idTokenKeys: IdTokenKeys;
}

/** A job that a runner has taken. */
export interface Taken extends Assignment {
  runner: Runner;
  /** External base URL without a trailing slash. */
  baseUrl: string;
  /** Milliseconds. */
  now: number;
}

/** Reasons that a runner may report beyond the three that it always may (runner-api 4). */
const FAILURE_REASONS = [
  'unknown_failure',
  'script_failure',
  'runner_system_failure',
  'job_execution_timeout',
  'image_pull_failure',
  'runner_configuration_error',
  'runner_external_dependency_failure',
  'runner_interrupted',
];

/**
 * Everything that a runner needs to run a job it has taken (runner-api 3), with its keys in the order of the contract; or
 * why the job fails instead.
 */
export async function buildPayload(
  deps: PayloadDeps,
  taken: Taken,
): Promise<JobPayload | 'secrets_provider_not_found'> {
  const { read } = taken;
  const { token, runner, baseUrl, timeoutSeconds, definition, project } = taken;
  // One that its runner has yet to accept begins about now.
  const job = { ...taken.job, startedAt: taken.job.startedAt ?? taken.now };
  const { dependencies: own } = taken;
  const starting = { job, definition, project, runner, token, serverUrl: baseUrl, dependencies: own };
  const [source, variables, [root], runningOnInstance, inputs] = await Promise.all([
    sourceOf(read, job),
    jobVariables({ read, encryption: deps.encryption }, starting),
    ancestorsOf(read, project.namespaceId),
    runningOnInstanceRunners(read, project.id),
    inputsToRunWith(read, deps.encryption, job.id, definition),
  ]);
  const secrets = definition.secrets === null ? {} : secretsOf(definition, variables);
  if (secrets === null) return 'secrets_provider_not_found';
  const idTokens = await idTokenVariables({ read, keys: deps.idTokenKeys }, starting, variables, taken.now);
  const dependencies = [...own, ...(await crossDependenciesOf(read, job, definition, () => variables))];
  const artifacts = await artifactsOf(
    read,
    dependencies.map(({ id }) => id),
  );
  return {
    id: job.id,
    token,
    allow_git_fetch: project.buildGitStrategy === 'fetch',
    job_info: jobInfoOf({
      job,
      queueSize: taken.queueSize,
      queueDepth: taken.queueDepth,
      baseUrl,
      stage: definition.stage,
      project,
      rootNamespaceId: root?.id ?? project.namespaceId,
      runnerType: runner.type,
      runningOnInstance,
    }),
    git_info: gitInfoOf(source, project, repositoryUrl(baseUrl, project, token), variables),
    runner_info: { timeout: timeoutSeconds, runner_session_url: null },
    inputs: inputsOf(inputs),
    variables: [...variables, ...idTokens],
    ...stepsOf(definition, timeoutSeconds),
    hooks: hooksOf(definition),
    image: imageOf(definition.image),
    services: servicesOf(definition.services),
    artifacts: artifactsToUpload(definition.artifacts),
    cache: await cachesOf(
      definition.cache,
      { protected: job.protected, separate: project.ciSeparatedCaches },
      keySourceAt(deps.repositories, project.id, source.sha),
    ),
    // There is no registry of ours to sign in to.
    credentials: [],
    dependencies: dependencyList(dependencies, artifacts, token),
    ...(definition.secrets === null ? {} : { secrets }),
    features: { trace_sections: true, token_mask_prefixes: [], failure_reasons: FAILURE_REASONS },
  };
}
