import type { Tx } from '../../db/transaction.ts';
import type { PipelineState } from '../process.ts';
import type { JobPatch } from '../queries/job-moves.ts';
import { loadState, lockPipelines, type PipelineFacts } from '../queries/pipeline-state.ts';
import { PipelineCache } from './cache.ts';

/**
 * One pipeline inside one transaction, its row locked: verbs and events change `state` and say in `patches` what else
 * belongs to a job's row; `save` writes both. A transaction that touches a pipeline twice gets the same session.
 */
export interface PipelineSession {
  readonly tx: Tx;
  readonly facts: PipelineFacts;
  readonly state: PipelineState;
  readonly patches: Map<number, JobPatch>;
  /** Whether everything the state says has been written. */
  saved: boolean;
  /** Whether the last save was through with its pass; if not, `advance` is to be called again. */
  settled: boolean;
}

const sessionsOf = new WeakMap<Tx, Map<number, PipelineSession>>();
const cacheOf = new WeakMap<object, PipelineCache>();

/** Locks a pipeline and gives its state, from this process's memory when nobody else wrote since. Null: no such pipeline. */
export async function openPipeline(tx: Tx, pipelineId: number): Promise<PipelineSession | null> {
  return (await openPipelines(tx, [pipelineId])).get(pipelineId) ?? null;
}

/** The same for several pipelines, by id. */
export async function openPipelines(
  tx: Tx,
  pipelineIds: readonly number[],
): Promise<Map<number, PipelineSession>> {
  const sessions = sessionsOf.get(tx) ?? new Map<number, PipelineSession>();
  sessionsOf.set(tx, sessions);
  const closed = new Set(pipelineIds.filter((id) => !sessions.has(id)));
  for (const facts of await lockPipelines(tx, [...closed])) {
    sessions.set(facts.id, await sessionOf(tx, facts));
  }
  return new Map(
    pipelineIds.flatMap((id) => {
      const session = sessions.get(id);
      return session === undefined ? [] : [[id, session] as const];
    }),
  );
}

async function sessionOf(tx: Tx, facts: PipelineFacts): Promise<PipelineSession> {
  const { id, lockVersion, status } = facts;
  const cache = pipelineCache(tx.database);
  const state = cache.take(id, lockVersion) ?? (await loadState(tx, id, status));
  const session: PipelineSession = { tx, facts, state, patches: new Map(), saved: true, settled: true };
  tx.remember(
    () => {
      if (session.saved) cache.put(id, session.facts.lockVersion, session.state);
    },
    () => cache.forget(id),
  );
  return session;
}

/** Reads the pipeline anew for the rest of the transaction: its jobs were written past the session. */
export async function reopenPipeline(tx: Tx, pipelineId: number): Promise<PipelineSession | null> {
  sessionsOf.get(tx)?.delete(pipelineId);
  pipelineCache(tx.database).forget(pipelineId);
  return openPipeline(tx, pipelineId);
}

/** What this process remembers of a database's pipelines; correctness never depends on it. */
export function pipelineCache(database: object): PipelineCache {
  let cache = cacheOf.get(database);
  if (cache === undefined) {
    cache = new PipelineCache();
    cacheOf.set(database, cache);
  }
  return cache;
}
