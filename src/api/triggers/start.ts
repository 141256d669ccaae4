import { type CreateRequest, type CreateResult, createPipeline } from '../../pipeline/create.ts';
import { may, viewerOf } from '../../project/authorize.ts';
import type { Caller } from '../../project/caller.ts';
import { findProject, type Project } from '../../project/project.ts';
import { noteTriggerUse, triggerByToken } from '../../project/trigger.ts';
import { userById } from '../../project/user.ts';
import { refuse } from '../errors.ts';
import { hookChain } from '../hook-chain.ts';
import type { Input } from '../input.ts';
import { pipelineAnswer } from '../pipelines/find-pipeline.ts';
import { jobOfToken } from '../read/job-token.ts';
import { type Answer, type Call, type Route, route } from '../route.ts';

const INPUT = {
  id: { type: 'string', required: true },
  token: { type: 'string', required: true },
  ref: { type: 'string', required: true, notBlank: true },
  variables: { type: 'hash' },
  inputs: { type: 'hash' },
} as const;

type TriggerCall = Call<Input<typeof INPUT>>;

/** A pipeline for whoever shows a trigger token, or a running job's (rest-resources 6.2). */
function startRoute(path: string): Route {
  return route({ method: 'POST', path, access: { by: 'trigger' }, input: INPUT, handle: start });
}

/** In the second form the ref of the path wins over the body's. */
export const startRoutes: readonly Route[] = [
  startRoute('/api/v4/projects/:id/trigger/pipeline'),
  startRoute('/api/v4/projects/:id/ref/*ref/trigger/pipeline'),
];

/** Who asks: the trigger's owner, or the user of a job. */
type Starter = Pick<CreateRequest, 'user' | 'source' | 'caller' | 'sourceJob'> & { triggerId: number | null };

async function start(call: TriggerCall): Promise<Answer> {
  const { params, rooms, now } = call;
  // Pipelines that hooks of pipelines start would start one another.
  if (call.request.headers['x-gitlab-event'] === 'Pipeline Hook') throw refuse.forbidden();
  const variables = variablesOf(params.variables ?? {});
  const found = await findProject(rooms.db.read, params.id);
  if (found.kind !== 'found') throw refuse.notFound();
  const { triggerId, ...starter } = await starterOf(call, found.project);
  const result = await createPipeline(
    rooms,
    {
      ...starter,
      project: found.project,
      ref: params.ref,
      serverUrl: call.baseUrl,
      variables: [...variables, { key: 'TRIGGER_PAYLOAD', value: payloadOf(call), file: true }],
      inputs: params.inputs ?? {},
      saveOnErrors: true,
      origin: hookChain(call.request),
    },
    now,
  );
  if (triggerId !== null && 'pipelineId' in result) {
    await rooms.db.transaction((tx) => noteTriggerUse(tx, triggerId, now));
  }
  return await answerOf(call, found.project, result);
}

function variablesOf(given: Record<string, unknown>): { key: string; value: string }[] {
  return Object.entries(given).map(([key, value]) => {
    if (typeof value !== 'string') {
      throw refuse.badRequestText('variables needs to be a map of key-valued strings');
    }
    return { key, value };
  });
}

/** Throws `Refused`: 404 for a token that is not of this project, 401 for one of a job that no longer runs. */
async function starterOf(call: TriggerCall, project: Project): Promise<Starter> {
  const { params, rooms, now } = call;
  const { read } = rooms.db;
  const trigger = await triggerByToken(read, params.token, now);
  if (trigger !== null) {
    const owner = trigger.projectId === project.id ? await userById(read, trigger.ownerId) : null;
    if (owner === null || owner.state !== 'active') throw refuse.notFound();
    return { user: owner, source: 'trigger', triggerId: trigger.id };
  }
  const job = await jobOfToken(read, params.token);
  if (job === null) throw params.token.startsWith('glcbt-') ? refuse.unauthorized() : refuse.notFound();
  const user = await userById(read, job.userId);
  if (user === null || user.state !== 'active') throw refuse.unauthorized();
  const caller: Caller = { kind: 'job', user, jobId: job.jobId, projectId: job.projectId };
  if (!may(await viewerOf(read, caller, project, now), 'read_project')) throw refuse.notFound();
  const sourceJob = { id: job.jobId, pipelineId: job.pipelineId, projectId: job.projectId };
  return { user, caller, source: 'pipeline', sourceJob, triggerId: null };
}

const SECRETS = new Set(['token', 'private_token', 'job_token', 'access_token', 'sudo']);

/** All that was sent but the credentials (security JT-6), as JSON. */
function payloadOf(call: TriggerCall): string {
  return JSON.stringify(
    Object.fromEntries(Object.entries(call.received).filter(([key]) => !SECRETS.has(key))),
  );
}

async function answerOf(call: TriggerCall, project: Project, result: CreateResult): Promise<Answer> {
  switch (result.kind) {
    case 'created':
    case 'skipped':
      return await pipelineAnswer(call, project, result.pipelineId, 201);
    case 'failed':
      throw refuse.unprocessable({ base: result.messages.map(({ message }) => message) });
    case 'refused':
      throw refuse.invalid({ base: [result.message] });
    case 'dry_run':
      throw new Error('a dry run was not asked for');
  }
}
