/**
 * Statuses of jobs, stages and pipelines, their sets (ci-yaml 20) and what several of them add up to (ci-yaml 23).
 * A set of statuses is a bit mask here, because a pipeline keeps one for each stage and for each job's needs.
 */

export const STATUSES = [
  'created',
  'waiting_for_resource',
  'preparing',
  'waiting_for_callback',
  'pending',
  'running',
  'success',
  'failed',
  'canceling',
  'canceled',
  'skipped',
  'manual',
  'scheduled',
] as const;

export type Status = (typeof STATUSES)[number];

/** How a job counts in a composite: its status, a forgiven failure (`warn`), or an optional manual job (`ignored`). */
export type Kind = Status | 'warn' | 'ignored';

export const KINDS: readonly Kind[] = [...STATUSES, 'warn', 'ignored'];

/** A set of kinds, one bit each. */
export type KindSet = number;

const BITS = Object.fromEntries(KINDS.map((kind, index) => [kind, 1 << index])) as Record<Kind, number>;

/** The set of these kinds. */
export function kindSet(kinds: Iterable<Kind>): KindSet {
  let set = 0;
  for (const kind of kinds) set |= BITS[kind];
  return set;
}

/** Position of a kind in a table of counts; its bit in a `KindSet` is `1 << index`. */
export const KIND_INDEX = Object.fromEntries(KINDS.map((kind, index) => [kind, index])) as Record<
  Kind,
  number
>;

/** Finished for good, unless somebody retries (ci-yaml 20). */
export const COMPLETED: ReadonlySet<Status> = new Set(['success', 'failed', 'canceled', 'skipped']);

/** On the way to an end without anybody's help. */
export const UNFINISHED = [
  'created',
  'waiting_for_resource',
  'preparing',
  'waiting_for_callback',
  'pending',
  'running',
] as const;

/** Statuses from which a cancel leads to `canceled` or `canceling` (jobs-api 4.8). */
export const CANCELABLE: ReadonlySet<Status> = new Set([...UNFINISHED, 'manual', 'scheduled']);

/** A job that a user may retry, when no newer attempt exists (jobs-api 4.9). */
export const RETRYABLE: ReadonlySet<Status> = new Set(['success', 'failed', 'canceled', 'canceling']);

/** A runner holds the job. */
export const EXECUTING: ReadonlySet<Status> = new Set(['running', 'canceling']);

/** Kinds that may still change without a user: nothing behind them can be decided by stages. */
export const UNSETTLED: KindSet = kindSet([...UNFINISHED, 'canceling', 'manual', 'scheduled']);

/** How a job of this status counts (ci-yaml 23). */
export function kindOf(status: Status, allowFailure: boolean): Kind {
  if (!allowFailure) return status;
  if (status === 'failed' || status === 'canceled') return 'warn';
  return status === 'manual' ? 'ignored' : status;
}

interface Row {
  /** `only`: the set has nothing else. `any`: the set has one of these. */
  test: 'only' | 'any';
  kinds: KindSet;
  result: Status;
  dagOnly?: true;
}

/** The table of ci-yaml 23 from its line 1 on; the first line that holds wins. */
const TABLE: readonly Row[] = [
  { test: 'any', kinds: kindSet(['skipped', 'ignored']), result: 'skipped', dagOnly: true },
  { test: 'only', kinds: kindSet(['skipped', 'ignored']), result: 'skipped' },
  { test: 'only', kinds: kindSet(['success', 'skipped', 'warn', 'ignored']), result: 'success' },
  { test: 'only', kinds: kindSet(['created', 'warn', 'ignored']), result: 'created' },
  { test: 'only', kinds: kindSet(['preparing', 'warn', 'ignored']), result: 'preparing' },
  { test: 'only', kinds: kindSet(['canceled', 'success', 'skipped', 'warn', 'ignored']), result: 'canceled' },
  { test: 'only', kinds: kindSet(['pending', 'created', 'skipped', 'warn', 'ignored']), result: 'pending' },
  { test: 'any', kinds: kindSet(['running', 'pending']), result: 'running' },
  { test: 'any', kinds: kindSet(['waiting_for_resource']), result: 'waiting_for_resource' },
  { test: 'any', kinds: kindSet(['waiting_for_callback']), result: 'waiting_for_callback' },
  { test: 'any', kinds: kindSet(['manual']), result: 'manual' },
  { test: 'any', kinds: kindSet(['scheduled']), result: 'scheduled' },
  { test: 'any', kinds: kindSet(['preparing']), result: 'preparing' },
  { test: 'any', kinds: kindSet(['created']), result: 'running' },
  { test: 'any', kinds: kindSet(['canceling']), result: 'canceling' },
];

/**
 * The status of jobs taken together (ci-yaml 23). `dag` reads them as the needs of a job. Null for no job at all,
 * which counts as success where a job comes next.
 */
export function composite(kinds: KindSet, dag = false): Status | null {
  if (kinds === 0) return null;
  for (const row of TABLE) {
    if (row.dagOnly && !dag) continue;
    const holds = row.test === 'only' ? (kinds & ~row.kinds) === 0 : (kinds & row.kinds) !== 0;
    if (holds) return row.result;
  }
  return 'failed';
}
