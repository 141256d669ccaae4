import { expandVariables } from '../../config/expand-variables.ts';
import type { Project } from '../../project/project.ts';
import { userById } from '../../project/user.ts';
import { type JobVariable, secretVariables } from '../../project/variable.ts';
import type { CreateDeps, GivenVariable } from '../create.ts';
import type { BridgeDefinition } from '../job-definition.ts';
import { type JobRow, jobsByIds } from '../job-lookup.ts';
import { earlierBuilds, neededBuilds } from '../queries/dependencies.ts';
import { persistedPipelineVariables } from '../variables/persisted.ts';
import { inPrecedence } from '../variables/precedence.ts';
import {
  jobFactVariables,
  pipelineVariables,
  projectVariables,
  userVariables,
} from '../variables/predefined.ts';
import { serverVariables } from '../variables/server.ts';
import { publicVariable } from '../variables/variable.ts';
import { yamlJobVariable } from '../variables/yaml.ts';
import { attemptVariables, givenVariables, pipelineFactsOf } from '../variables.ts';

/** A bridge whose turn it is. */
export interface StartingBridge {
  job: JobRow;
  definition: BridgeDefinition;
  project: Project;
  serverUrl: string;
}

/** What a bridge knows: the values its keywords expand with, and what it hands down. */
export interface BridgeVariables {
  values: ReadonlyMap<string, string>;
  /** For the downstream pipeline, low to high, one for each key (ci-yaml 12.5). */
  forwarded: GivenVariable[];
}

/** All variables of a bridge (ci-yaml 13.1), and of them those that `trigger:forward` lets through. */
export async function bridgeVariables(deps: CreateDeps, bridge: StartingBridge): Promise<BridgeVariables> {
  const { job, definition, project } = bridge;
  const { read } = deps.db;
  const { facts, persisted } = await pipelineFactsOf(read, { ...bridge, token: '' });
  const dotenv = await dotenvOf(deps, job);
  const given = await givenVariables(read, deps.encryption, job.pipelineId);
  const manual = await attemptVariables(read, deps.encryption, [job.id], 'manual');
  const yaml = definition.variables.map(yamlJobVariable);
  const list = inPrecedence({
    predefined: [
      ...persistedPipelineVariables(persisted),
      ...serverVariables(facts.serverUrl),
      ...projectVariables(facts),
      ...pipelineVariables(facts),
      ...jobFactVariables({ ...job, stage: definition.stage, parallel: definition.parallel }),
    ].map(publicVariable),
    yaml,
    user: userVariables(job.userId === null ? null : await userById(read, job.userId)).map(publicVariable),
    dotenv,
    secrets: await secretVariables(read, deps.encryption, project, {
      protectedRef: job.protected,
      environment: job.environment,
    }),
    given,
    manual,
  });
  const expanded = expandVariables(list, 'server');
  const values = new Map((expanded.ok ? expanded.variables : list).map(({ key, value }) => [key, value]));
  const forward = definition.trigger?.forward ?? { yamlVariables: false, pipelineVariables: false };
  const forwarded = [
    ...(forward.yamlVariables ? [...yaml, ...dotenv, ...manual] : []),
    ...(forward.pipelineVariables ? given : []),
  ];
  return { values, forwarded: handedDown(forwarded, list) };
}

/** Expanded here, where their references mean something; a raw one goes on as it is, and stays raw. */
function handedDown(forwarded: readonly JobVariable[], scope: readonly JobVariable[]): GivenVariable[] {
  const byKey = new Map(forwarded.map((variable) => [variable.key, variable]));
  const others = scope.filter((variable) => byKey.get(variable.key) !== variable);
  const expanded = expandVariables([...others, ...byKey.values()], 'server');
  const values = new Map(expanded.ok ? expanded.variables.map(({ key, value }) => [key, value]) : []);
  return [...byKey.values()].map(({ key, value, raw, file }) => ({
    key,
    value: raw ? value : (values.get(key) ?? value),
    raw,
    file,
  }));
}

/** Dotenv variables of the jobs before it: its needs, or the earlier stages. */
async function dotenvOf(deps: CreateDeps, job: JobRow): Promise<JobVariable[]> {
  const { read } = deps.db;
  const ids =
    job.schedulingType === 'dag'
      ? await neededBuilds(read, job.id)
      : await earlierBuilds(read, job.pipelineId, job.stageIndex);
  const jobs = await jobsByIds(read, ids);
  return attemptVariables(
    read,
    deps.encryption,
    jobs.map(({ id }) => id),
    'dotenv',
  );
}
