import type { Selectable } from 'kysely';
import { Breath } from '../../db/breath.ts';
import { COUNT_LIMIT, countRows } from '../../db/count-rows.ts';
import { statement } from '../../db/statement.ts';
import type { WebHookEventsTable } from '../../db/tables/hook.ts';
import type { Reading, Tx } from '../../db/transaction.ts';

export type HookEventRow = Selectable<WebHookEventsTable>;

/** An event as it is noted: what it tells of, nothing of its sending. */
export type NewHookEvent = Pick<
  HookEventRow,
  'hook_id' | 'project_id' | 'trigger' | 'idempotency_key' | 'chain' | 'pipeline_id' | 'facts' | 'created_at'
>;

const ROWS_AT_ONCE = 100;

/** Notes events, in this order. */
export async function insertHookEvents(tx: Tx, events: readonly NewHookEvent[]): Promise<void> {
  const breath = new Breath();
  for (let at = 0; at < events.length; at += ROWS_AT_ONCE) {
    await tx.sql
      .insertInto('web_hook_events')
      .values(events.slice(at, at + ROWS_AT_ONCE))
      .execute();
    await breath.take();
  }
}

/** Notes one event and gives it whole. */
export function insertHookEvent(
  tx: Tx,
  event: NewHookEvent & Pick<HookEventRow, 'delivered_at'>,
): Promise<HookEventRow> {
  return tx.sql.insertInto('web_hook_events').values(event).returningAll().executeTakeFirstOrThrow();
}

const one = statement<HookEventRow>('select * from web_hook_events where id = ? and hook_id = ?');
const waiting = statement<HookEventRow>(
  `select * from web_hook_events where hook_id between ? and ? and delivered_at is null
   order by hook_id, id limit ?`,
);
// From hook to hook through the index: a long queue of one costs no more than a short one.
const waitingHooks = statement<{ hook_id: number }>(`
  with recursive waiting (hook_id) as (
    select min(hook_id) from web_hook_events where delivered_at is null
    union all
    select (select min(e.hook_id) from web_hook_events e where e.delivered_at is null and e.hook_id > waiting.hook_id)
    from waiting where waiting.hook_id is not null)
  select hook_id from waiting where hook_id is not null limit ?`);
const oldest = statement<{ created_at: number }>(
  `select created_at from web_hook_events where hook_id between ? and ? and delivered_at is null
   order by hook_id, id limit 1`,
);
const backlog = statement<{ count: number }>(
  `select count(*) as count from
     (select 1 from web_hook_events where hook_id = ? and delivered_at is null limit ?) waiting`,
);
const metInChain = statement<{ id: number }>(
  `select id from web_hook_events where chain = ? and hook_id = ? and (pipeline_id is null or pipeline_id <> ?)
   limit 1`,
);
const chainLength = statement<{ count: number }>(
  'select count(distinct hook_id) as count from web_hook_events where chain = ?',
);
const forget = statement(`
  delete from web_hook_events where id in
    (select id from web_hook_events where delivered_at is not null and delivered_at < ? order by delivered_at limit ?)`);

export async function hookEventRow(
  reading: Reading,
  hookId: number,
  id: number,
): Promise<HookEventRow | undefined> {
  return (await one(reading, id, hookId))[0];
}

/** The next events of a hook, in their order. */
export function waitingEvents(reading: Reading, hookId: number, limit: number): Promise<HookEventRow[]> {
  return waiting(reading, hookId, hookId, limit);
}

/** Hooks that have something to send. */
export async function hooksWithEvents(reading: Reading, limit: number): Promise<number[]> {
  return (await waitingHooks(reading, limit)).map((row) => row.hook_id);
}

/** Since when the oldest unsent event of a hook waits, or null. */
export async function oldestWaiting(reading: Reading, hookId: number): Promise<number | null> {
  return (await oldest(reading, hookId, hookId))[0]?.created_at ?? null;
}

/** Unsent events of a hook, counted up to `limit`. */
export async function countWaiting(reading: Reading, hookId: number, limit: number): Promise<number> {
  return Number((await backlog(reading, hookId, limit))[0]!.count);
}

/** Whether a chain of hooks has met this hook for another pipeline. */
export async function chainMet(
  reading: Reading,
  chain: string,
  hookId: number,
  pipelineId: number,
): Promise<boolean> {
  return (await metInChain(reading, chain, hookId, pipelineId)).length > 0;
}

/** How many hooks a chain has met. */
export async function countChain(reading: Reading, chain: string): Promise<number> {
  return Number((await chainLength(reading, chain))[0]!.count);
}

/** What became of an event. */
export type Delivered = Pick<
  HookEventRow,
  | 'encrypted_body'
  | 'delivered_at'
  | 'url'
  | 'request_headers'
  | 'response_headers'
  | 'response_body'
  | 'response_status'
  | 'failure'
  | 'duration'
>;

/** Writes down what became of an event. */
export async function updateDelivered(tx: Tx, id: number, delivered: Delivered): Promise<void> {
  await tx.sql
    .updateTable('web_hook_events')
    .set({ ...delivered, facts: null })
    .where('id', '=', id)
    .execute();
}

/** Removes sent events older than `before` (milliseconds). */
export async function forgetEvents(tx: Tx, before: number, limit: number): Promise<void> {
  await forget(tx, before, limit);
}

/**
 * One page of what a hook has sent, newest first, whose answers are in one of the ranges (all without any), and how many, counted
 * up to 10,001.
 */
export async function hookLog(
  reading: Reading,
  hookId: number,
  ranges: readonly (readonly [number, number])[],
  slice: { limit: number; offset: number },
): Promise<{ rows: HookEventRow[]; total: number }> {
  let query = reading.sql
    .selectFrom('web_hook_events')
    .where((eb) => eb.between('hook_id', hookId, hookId))
    .where('delivered_at', 'is not', null)
    .orderBy('hook_id', 'desc')
    .orderBy('id', 'desc');
  if (ranges.length > 0) {
    query = query.where((eb) => eb.or(ranges.map(([from, to]) => eb.between('response_status', from, to))));
  }
  const rows = await query.selectAll().limit(slice.limit).offset(slice.offset).execute();
  const total = await countRows(reading, query.select('id').limit(COUNT_LIMIT));
  return { rows, total };
}
