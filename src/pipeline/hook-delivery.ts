import { randomUUID } from 'node:crypto';
import type { Database } from '../db/database.ts';
import type { Repositories } from '../git/repository.ts';
import type { Encryption } from '../project/encryption.ts';
import { instanceSettings } from '../project/instance-settings.ts';
import { type OutboundFailure, outboundPolicy, sendOutbound } from '../project/outbound.ts';
import type { Facts } from './hook/facts.ts';
import { payloadOf } from './hook/gather.ts';
import { hookHeaders, shownHeaders } from './hook/headers.ts';
import { afterDelivery } from './hook/standing.ts';
import { renderTemplate } from './hook/template.ts';
import { filledUrl, shownUrl } from './hook/url.ts';
import { type Hook, hookById, hookStatus } from './hook.ts';
import {
  type Delivered,
  type HookEventRow,
  hookEventRow,
  insertHookEvent,
  updateDelivered,
} from './queries/hook-events.ts';
import { jobFacts, pipelineFacts } from './queries/hook-facts.ts';
import { newestBuildOf, newestPipelineOf } from './queries/hook-subjects.ts';
import { deleteHook, updateStanding } from './queries/hooks.ts';
import { COMPATIBLE_VERSION } from './variables/server.ts';

export interface DeliveryDeps {
  db: Database;
  encryption: Encryption;
  repositories: Repositories;
  /** External base URL without trailing slash. */
  serverUrl: string;
  /** Milliseconds. */
  clock: () => number;
}

/** Limits of one request (rest-resources 10.2): milliseconds and bytes. */
const TIMEOUT_MS = 10_000;
const MAX_BODY_BYTES = 25 * 1024 * 1024;
const MAX_ANSWER_BYTES = 1024 * 1024;
/** Characters of an answer that the log keeps. */
const KEPT_ANSWER = 8192;

/** Why there was no answer, as maintainers read it (security NET-6). */
const FAILURES: Record<OutboundFailure, string> = {
  blocked: 'The URL is blocked: requests to this address are not allowed',
  unreachable: 'The URL cannot be reached',
  too_large: 'The answer is too large',
};

/** How a delivery ended: the status of the answer, or why there is none. */
export type Outcome = { status: number; failure: null } | { status: null; failure: string };

/** Whether an answer counts as a success: 2xx and 3xx (rest-resources 10.3). */
export function isSuccess({ status }: Outcome): boolean {
  return status !== null && status >= 200 && status < 400;
}

/** Sends one event and writes down what became of it; an event of a disabled hook is only closed. */
export async function deliver(deps: DeliveryDeps, event: HookEventRow): Promise<void> {
  const hook = await hookById(deps.db.read, deps.encryption, event.hook_id);
  if (hook === null) return removeEvents(deps, event.hook_id);
  if (hookStatus(hook, deps.clock()) !== 'executable') {
    const closed = { ...nothingSent(hook, 'The hook is disabled'), delivered_at: deps.clock() };
    await deps.db.transaction((tx) => updateDelivered(tx, event.id, closed));
    return;
  }
  await attempt(deps, hook, event);
}

/** What was noted while its hook was being removed. */
export async function removeEvents({ db }: Pick<DeliveryDeps, 'db'>, hookId: number): Promise<void> {
  await db.transaction((tx) => deleteHook(tx, hookId));
}

/** Sends a hook an event of this kind made of the project's newest job, pipeline or commit. Null: there is none. */
export async function sendTrial(
  deps: DeliveryDeps,
  hook: Hook,
  trigger: string,
  trial: { userId: number; ref: string; sha: string } | null,
): Promise<Outcome | null> {
  const facts = await trialFacts(deps, hook, trigger, trial);
  if (facts === null) return null;
  return sendNow(deps, hook, { trigger, facts: JSON.stringify(facts), body: null, key: randomUUID() });
}

/** Sends an event of the log once more, with the same body and key. Null: it was never sent. */
export async function resend(deps: DeliveryDeps, hook: Hook, eventId: number): Promise<Outcome | null> {
  const event = await hookEventRow(deps.db.read, hook.id, eventId);
  if (event === undefined || event.encrypted_body === null) return null;
  const { trigger, encrypted_body: body, idempotency_key: key } = event;
  return sendNow(deps, hook, { trigger, facts: null, body, key });
}

/** One request outside the queue, also of a disabled hook; it stands in the log like any other. */
async function sendNow(
  deps: DeliveryDeps,
  hook: Hook,
  { trigger, facts, body, key }: { trigger: string; facts: string | null; body: string | null; key: string },
): Promise<Outcome> {
  const now = deps.clock();
  const made: HookEventRow = await deps.db.transaction((tx) =>
    insertHookEvent(tx, {
      hook_id: hook.id,
      project_id: hook.projectId,
      trigger,
      idempotency_key: key,
      chain: randomUUID(),
      pipeline_id: null,
      facts,
      created_at: now,
      // Never in the queue: should this process be killed, it was not sent.
      delivered_at: now,
    }),
  );
  return attempt(deps, hook, { ...made, encrypted_body: body });
}

async function attempt(deps: DeliveryDeps, hook: Hook, event: HookEventRow): Promise<Outcome> {
  const body = await bodyOf(deps, hook, event);
  const started = deps.clock();
  const { outcome, delivered } = body.ok
    ? await post(deps, hook, event, body.text)
    : {
        outcome: { status: null, failure: body.failure },
        delivered: nothingSent(hook, body.failure),
      };
  const now = deps.clock();
  const standing = afterDelivery(hook, isSuccess(outcome), now);
  await deps.db.transaction(async (tx) => {
    await updateDelivered(tx, event.id, { ...delivered, duration: now - started, delivered_at: now });
    if (body.ok || body.counts) {
      await updateStanding(tx, { id: hook.id, updated_at: hook.updatedAt }, standing);
    }
  });
  return outcome;
}

type Body = { ok: true; text: string } | { ok: false; failure: string; counts: boolean };

async function bodyOf(deps: DeliveryDeps, hook: Hook, event: HookEventRow): Promise<Body> {
  if (event.encrypted_body !== null) return { ok: true, text: deps.encryption.decrypt(event.encrypted_body) };
  const facts = JSON.parse(event.facts ?? 'null') as Facts | null;
  const gatherDeps = { ...deps, read: deps.db.read };
  const payload =
    facts === null ? null : await payloadOf(gatherDeps, event.project_id, facts, event.created_at);
  if (payload === null) {
    return { ok: false, failure: 'What the event tells of is gone', counts: false };
  }
  const template = hook.customWebhookTemplate;
  const text = template === null ? JSON.stringify(payload) : renderTemplate(template, payload);
  if (text === null) {
    return { ok: false, failure: 'The custom webhook template does not make JSON', counts: true };
  }
  if (Buffer.byteLength(text) > MAX_BODY_BYTES) {
    return { ok: false, failure: 'The body is too large', counts: false };
  }
  return { ok: true, text };
}

async function post(deps: DeliveryDeps, hook: Hook, event: HookEventRow, body: string) {
  const settings = await instanceSettings(deps.db.read);
  const headers = hookHeaders(
    {
      trigger: event.trigger,
      requestId: randomUUID(),
      idempotencyKey: event.idempotency_key,
      chain: event.chain,
      sequence: event.id,
      instance: deps.serverUrl,
      token: hook.token,
      version: COMPATIBLE_VERSION,
    },
    hook.customHeaders,
  );
  const result = await sendOutbound(
    {
      url: filledUrl(hook.url, hook.urlVariables) ?? '',
      method: 'POST',
      headers,
      body: Buffer.from(body),
      maxBytes: MAX_ANSWER_BYTES,
      totalMilliseconds: TIMEOUT_MS,
      verifyCertificate: hook.enableSslVerification,
    },
    outboundPolicy(settings),
  );
  const outcome: Outcome = result.ok
    ? { status: result.status, failure: null }
    : { status: null, failure: FAILURES[result.reason] };
  const delivered = {
    encrypted_body: deps.encryption.encrypt(body),
    url: shownUrl(hook.url),
    request_headers: JSON.stringify(shownHeaders(headers, hook.customHeaders)),
    response_headers: result.ok ? JSON.stringify(result.headers) : null,
    response_body: result.ok ? textOf(result.body) : null,
    response_status: outcome.status,
    failure: outcome.failure,
  };
  return { outcome, delivered };
}

/** PostgreSQL keeps no zero characters. */
function textOf(body: Buffer): string {
  return body.toString('utf8').slice(0, KEPT_ANSWER).replaceAll('\0', '');
}

function nothingSent(hook: Hook, failure: string): Omit<Delivered, 'delivered_at'> {
  return {
    encrypted_body: null,
    url: shownUrl(hook.url),
    request_headers: null,
    response_headers: null,
    response_body: null,
    response_status: null,
    failure,
    duration: 0,
  };
}

async function trialFacts(
  { db }: DeliveryDeps,
  hook: Hook,
  trigger: string,
  trial: { userId: number; ref: string; sha: string } | null,
): Promise<Facts | null> {
  switch (trigger) {
    case 'job_events': {
      const job = await newestBuildOf(db.read, hook.projectId);
      if (job === undefined) return null;
      return (await jobFacts(db.read, job.pipeline_id, [job.id]))[0] ?? null;
    }
    case 'pipeline_events': {
      const id = await newestPipelineOf(db.read, hook.projectId);
      return id === null ? null : pipelineFacts(db.read, id);
    }
    default:
      return trial === null
        ? null
        : { kind: 'push', ref: trial.ref, before: trial.sha, after: trial.sha, userId: trial.userId };
  }
}
