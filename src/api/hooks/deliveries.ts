import { branchHead } from '../../git/refs.ts';
import { isSuccess, type Outcome, resend, sendTrial } from '../../pipeline/hook-delivery.ts';
import { type HookLogFilter, hookDeliveries } from '../../pipeline/hook-log.ts';
import { userOf } from '../../project/caller.ts';
import type { Project } from '../../project/project.ts';
import { hookEventEntity, OTHER_EVENTS } from '../entities/hook.ts';
import { refuse } from '../errors.ts';
import { PAGE_INPUT, pageAnswer, pageOf } from '../pagination.ts';
import { type Call, json, route } from '../route.ts';
import { deliveryDeps, HOOK_INPUT, requireHook } from './find-hook.ts';

const ONE = '/api/v4/projects/:id/hooks/:hook_id';

/** What a trial needs that the project does not have yet. */
const LACKS: Readonly<Record<string, string>> = {
  push_events: 'Ensure the project has at least one commit.',
  tag_push_events: 'Ensure the project has at least one commit.',
  job_events: 'Ensure the project has CI jobs.',
  pipeline_events: 'Ensure the project has CI pipelines.',
};

/** POST P/hooks/:hook_id/test/:trigger: 201, or 422 with what went wrong (rest-resources 10.1). */
export const testHook = route({
  method: 'POST',
  path: `${ONE}/test/:trigger`,
  access: { by: 'user' },
  input: {
    ...HOOK_INPUT,
    trigger: {
      type: 'string',
      required: true,
      values: ['push_events', 'tag_push_events', 'job_events', 'pipeline_events', ...OTHER_EVENTS],
    },
  },
  rateLimit: { bucket: 'web_hook_test', perMinute: 'web_hook_test_limit', by: projectAndUser },
  async handle(call) {
    const { params } = call;
    const { hook, project } = await requireHook(call, params);
    const lack = LACKS[params.trigger];
    if (lack === undefined) throw refuse.unprocessable('There are no such events here.');
    const trial = await headOf(call, project, params.trigger);
    const outcome = await sendTrial(deliveryDeps(call), hook, params.trigger, trial);
    if (outcome === null) throw refuse.unprocessable(lack);
    if (!isSuccess(outcome)) throw refuse.unprocessable(textOf(outcome));
    return json({ message: '201 Created' }, 201);
  },
});

/** A push to the default branch, or a tag, as a trial tells of it. */
async function headOf(call: Pick<Call, 'rooms' | 'caller'>, project: Project, trigger: string) {
  if (project.defaultBranch === null) return null;
  const sha = await branchHead(call.rooms.repositories, project.id, project.defaultBranch);
  if (sha === null) return null;
  const ref = trigger === 'tag_push_events' ? 'refs/tags/v1.0.0' : `refs/heads/${project.defaultBranch}`;
  return { userId: userOf(call.caller)!.id, ref, sha };
}

function textOf({ status, failure }: Outcome): string {
  return failure ?? `The hook was answered with status ${status}`;
}

const WORDS = ['successful', 'client_failure', 'server_failure'] as const;

/** GET P/hooks/:hook_id/events: the log of seven days, newest first. */
export const listHookEvents = route({
  method: 'GET',
  path: `${ONE}/events`,
  access: { by: 'user' },
  input: { ...HOOK_INPUT, ...PAGE_INPUT, status: { type: 'comma-list' } },
  async handle(call) {
    const { params, rooms } = call;
    const { hook } = await requireHook(call, params);
    const filter = statusFilter(params.status ?? []);
    const page = pageOf(params);
    const { entries, total } = await hookDeliveries(rooms.db.read, rooms.encryption, hook.id, filter, {
      limit: page.perPage,
      offset: page.offset,
    });
    return pageAnswer(call, page, entries.map(hookEventEntity), total);
  },
});

function statusFilter(given: readonly string[]): HookLogFilter {
  return given.map((text) => {
    const word = WORDS.find((one) => one === text);
    if (word !== undefined) return word;
    if (!/^\d{3}$/.test(text)) throw refuse.invalidParameters(['status is invalid']);
    return Number(text);
  });
}

/** POST P/hooks/:hook_id/events/:hook_event_id/resend: the same body with the same key, once more. */
export const resendHookEvent = route({
  method: 'POST',
  path: `${ONE}/events/:hook_event_id/resend`,
  access: { by: 'user' },
  input: { ...HOOK_INPUT, hook_event_id: { type: 'integer', required: true } },
  rateLimit: {
    bucket: 'web_hook_event_resend',
    perMinute: 'web_hook_event_resend_limit',
    by: projectAndUser,
  },
  async handle(call) {
    const { hook } = await requireHook(call, call.params);
    const outcome = await resend(deliveryDeps(call), hook, call.params.hook_event_id);
    if (outcome === null) throw refuse.recordNotFound();
    if (outcome.status === null) throw refuse.unprocessable(outcome.failure);
    return json({ response_status: outcome.status }, 201);
  },
});

/** Tests and repeats are counted for each project, whichever way it is named, and user; whoever may not, learns that first. */
async function projectAndUser(call: Call): Promise<string> {
  const params = { id: String(call.params.id), hook_id: Number(call.params.hook_id) };
  const { project } = await requireHook(call, params);
  return `p${project.id} u${userOf(call.caller)!.id}`;
}
