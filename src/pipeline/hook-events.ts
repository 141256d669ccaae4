import { randomUUID } from 'node:crypto';
import type { Tx } from '../db/transaction.ts';
import type { Push } from '../git/push.ts';
import { parseRef } from '../git/ref-name.ts';
import { matchesName } from '../project/protected-ref.ts';
import { branchMatches } from './hook/branch-filter.ts';
import type { Facts, PushFacts } from './hook/facts.ts';
import { alertStatus } from './hook/standing.ts';
import {
  chainMet,
  countChain,
  countWaiting,
  insertHookEvents,
  type NewHookEvent,
  oldestWaiting,
} from './queries/hook-events.ts';
import { jobFacts, pipelineChain, pipelineFacts } from './queries/hook-facts.ts';
import { type HookRow, hookRows } from './queries/hooks.ts';

/** Topic: there is something to send. */
export const HOOKS = 'hooks';

/** Refs of one kind moved by one push beyond which none of them is told of, as in GitLab. */
const MAX_PUSHED = 3;
/** A hook whose oldest event waits longer (milliseconds) is slow or dead, and then its queue is bounded (security HOOK-2). */
const SLOW_MS = 60_000;
const MAX_WAITING = 20_000;
/** Hooks that one chain may meet. */
const MAX_CHAIN = 100;

/** What changed its status, as it is stored now. */
export interface StatusChanges {
  projectId: number;
  pipelineId: number;
  /** Builds and bridges that changed or were made; all of the pipeline's latest for `all`. */
  jobIds: readonly number[] | 'all';
  /** Whether the pipeline has another status. */
  pipelineMoved: boolean;
}

/**
 * Notes for the project's hooks what has changed, in the transaction that changed it (rest-resources 10.4 and 10.5, security
 * REL-21). What the change looks like now is kept, as jobs move on before it is sent.
 */
export async function noteStatusChanges(tx: Tx, changes: StatusChanges, now: number): Promise<void> {
  const all = await hookRows(tx, changes.projectId);
  const hooks = all.filter((hook) => hook.job_events === 1 || hook.pipeline_events === 1);
  if (hooks.length === 0) return;
  const given = await pipelineChain(tx, changes.pipelineId);
  const ready = await readyHooks(tx, hooks, { chain: given, pipelineId: changes.pipelineId }, now);
  const about = {
    projectId: changes.projectId,
    pipelineId: changes.pipelineId,
    chain: given ?? randomUUID(),
  };
  const events: NewHookEvent[] = [];
  const forJobs = ready.filter((hook) => hook.job_events === 1);
  if (forJobs.length > 0) {
    for (const facts of await jobFacts(tx, changes.pipelineId, changes.jobIds)) {
      for (const hook of forJobs) events.push(eventOf(hook, 'job_events', about, facts, now));
    }
  }
  const forPipelines = changes.pipelineMoved ? ready.filter((hook) => hook.pipeline_events === 1) : [];
  if (forPipelines.length > 0) {
    const facts = await pipelineFacts(tx, changes.pipelineId);
    for (const hook of forPipelines) events.push(eventOf(hook, 'pipeline_events', about, facts, now));
  }
  await insertHookEvents(tx, events);
  if (events.length > 0) tx.notify(HOOKS);
}

/** Notes for the project's hooks which refs a push moved. */
export async function notePushForHooks(tx: Tx, push: Push, now: number): Promise<void> {
  const hooks = (await hookRows(tx, push.projectId)).filter(
    (hook) => hook.push_events === 1 || hook.tag_push_events === 1,
  );
  if (hooks.length === 0) return;
  const ready = await readyHooks(tx, hooks, null, now);
  const events: NewHookEvent[] = [];
  for (const kind of ['branch', 'tag'] as const) {
    const trigger = kind === 'branch' ? 'push_events' : 'tag_push_events';
    const moved = push.updates.filter((update) => parseRef(update.ref)?.kind === kind);
    if (moved.length > MAX_PUSHED) continue;
    for (const { ref, oldSha, newSha } of moved) {
      const facts: PushFacts = { kind: 'push', ref, before: oldSha, after: newSha, userId: push.userId };
      const { name } = parseRef(ref)!;
      const about = { projectId: push.projectId, pipelineId: null, chain: randomUUID() };
      for (const hook of ready) {
        if (hook[trigger] !== 1 || (kind === 'branch' && !branchMatches(hook, name, matchesName))) continue;
        events.push(eventOf(hook, trigger, about, facts, now));
      }
    }
  }
  await insertHookEvents(tx, events);
  if (events.length > 0) tx.notify(HOOKS);
}

function eventOf(
  hook: HookRow,
  trigger: string,
  about: { projectId: number; pipelineId: number | null; chain: string },
  facts: Facts,
  now: number,
): NewHookEvent {
  return {
    hook_id: hook.id,
    project_id: about.projectId,
    trigger,
    idempotency_key: randomUUID(),
    chain: about.chain,
    pipeline_id: about.pipelineId,
    facts: JSON.stringify(facts),
    created_at: now,
  };
}

/** Hooks that may be sent something: not disabled, not overwhelmed, not met before by the same chain (security HOOK-3). */
async function readyHooks(
  tx: Tx,
  hooks: readonly HookRow[],
  cause: { chain: string | null; pipelineId: number } | null,
  now: number,
): Promise<HookRow[]> {
  const ready: HookRow[] = [];
  const chain = cause?.chain ?? null;
  if (chain !== null && (await countChain(tx, chain)) >= MAX_CHAIN) return [];
  for (const hook of hooks) {
    const standing = { recentFailures: hook.recent_failures, disabledUntil: hook.disabled_until };
    if (alertStatus(standing, now) !== 'executable' || (await isOverwhelmed(tx, hook.id, now))) continue;
    if (chain !== null && cause !== null && (await chainMet(tx, chain, hook.id, cause.pipelineId))) continue;
    ready.push(hook);
  }
  return ready;
}

async function isOverwhelmed(tx: Tx, hookId: number, now: number): Promise<boolean> {
  const since = await oldestWaiting(tx, hookId);
  if (since === null || now - since < SLOW_MS) return false;
  return (await countWaiting(tx, hookId, MAX_WAITING)) >= MAX_WAITING;
}
