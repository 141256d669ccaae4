import { randomUUID } from 'node:crypto';
import { expandText } from '../config/expand-variables.ts';
import type { Reading } from '../db/transaction.ts';
import { viewerOf } from '../project/authorize.ts';
import type { IdTokenKeys } from '../project/id-token.ts';
import { userById } from '../project/user.ts';
import { variableSource } from './create/queries/variable-sources.ts';
import { environmentByName } from './environment.ts';
import { type IdTokenFacts, idTokenClaims } from './id-token/claims.ts';
import { environmentTier } from './job-environment.ts';
import type { PayloadVariable, StartingJob } from './variables.ts';

/** The job that a runner has just got. */
export type TokenHolder = Pick<StartingJob, 'job' | 'definition' | 'project' | 'serverUrl' | 'runner'>;

/**
 * One variable for each entry of a job's `id_tokens`, private and masked, its token made now (rest-resources 11).
 * `variables` are the job's others: an audience may refer to them; no claim is taken from them. `now` is in milliseconds.
 * Throws when the pipeline is gone or the key can not be read.
 */
export async function idTokenVariables(
  { read, keys }: { read: Reading; keys: IdTokenKeys },
  holder: TokenHolder,
  variables: readonly PayloadVariable[],
  now: number,
): Promise<PayloadVariable[]> {
  const wanted = Object.entries(holder.definition.idTokens);
  if (wanted.length === 0) return [];
  const facts = await factsOf(read, holder, now);
  const known = new Map(variables.map(({ key, value }) => [key, value]));
  const expand = (text: string) => expandText(text, known, 'keep');
  return Promise.all(
    wanted.map(async ([key, { aud }]) => {
      const expanded = typeof aud === 'string' ? expand(aud) : aud.map(expand);
      const value = await keys.sign(idTokenClaims(facts, expanded, randomUUID()));
      return { key, value, public: false, masked: true };
    }),
  );
}

async function factsOf(read: Reading, holder: TokenHolder, now: number): Promise<IdTokenFacts> {
  const { job, definition, project, serverUrl, runner } = holder;
  const pipeline = await variableSource(read, job.pipelineId);
  if (pipeline === null) throw new Error(`the pipeline of job ${job.id} is gone`);
  const user = job.userId === null ? null : await userById(read, job.userId);
  const caller = user === null ? null : ({ kind: 'user', user, tokenId: null, scopes: [] } as const);
  const viewer = caller === null ? null : await viewerOf(read, caller, project, now);
  const { environment } = definition;
  return {
    issuer: serverUrl,
    now,
    project,
    user,
    userLevel: viewer?.level ?? 0,
    job,
    pipeline,
    environment:
      environment === null || job.environment === null
        ? null
        : {
            name: job.environment,
            tier: environmentTier(
              environment,
              await environmentByName(read, job.projectId, job.environment),
              job.environment,
            ),
            action: environment.action,
          },
    runner,
  };
}
