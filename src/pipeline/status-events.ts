import type { Reading, Tx } from '../db/transaction.ts';
import {
  deleteStatusEvents,
  insertStatusEvents,
  lastStatusEventBefore,
  type StatusEventRow,
  statusEventExists,
  statusEventsAfter,
} from './queries/status-events.ts';
import type { Status } from './status.ts';

/** Topic: a status changed somewhere. */
export const STATUS_EVENTS = 'status-events';

/** How long changes can be read back, milliseconds. */
const KEPT_MS = 15 * 60_000;
/** Rows deleted by one transaction. */
const BATCH = 5000;
/** Jobs that one event names; of a change of more its readers learn that the pipeline changed. */
const MAX_JOBS = 1000;

/** A job and its new status; `queued`: it came to wait for a runner, or left off waiting. */
export interface JobStatusChange {
  id: number;
  status: Status;
  queued: boolean;
}

/** What one transaction changed of a pipeline. */
export interface StatusEvent {
  projectId: number;
  pipelineId: number;
  /** The pipeline's status now; `deleted` when it is gone. */
  status: Status | 'deleted';
  jobs: readonly JobStatusChange[];
}

/** A place among all changes. Events of one transaction stand together; of one pipeline they stand as they came. */
export interface Place {
  xact: number;
  id: number;
}

/** Before every change. */
const BEGINNING: Place = { xact: 0, id: 0 };

/** Notes a change in the transaction that makes it, so that who watches can miss none (`api/events`). */
export function noteStatusEvent(tx: Tx, event: StatusEvent, now: number): Promise<void> {
  return noteStatusEvents(tx, [event], now);
}

/** The same for changes of several pipelines. */
export async function noteStatusEvents(tx: Tx, events: readonly StatusEvent[], now: number): Promise<void> {
  await insertStatusEvents(
    tx,
    events.map((event) => {
      const jobs = event.jobs
        .slice(0, MAX_JOBS)
        .map(({ id, status, queued }) => [id, status, Number(queued)]);
      return [event.projectId, event.pipelineId, event.status, JSON.stringify(jobs), now];
    }),
  );
  tx.notify(STATUS_EVENTS);
}

/**
 * The changes after a place, at most `limit`, and the place after them. `more`: the rest was cut off, or belongs to
 * transactions among which one is still open, whose changes would come to stand before theirs.
 */
export async function statusEventsSince(
  reading: Reading,
  place: Place,
  limit: number,
): Promise<{ events: StatusEvent[]; place: Place; more: boolean }> {
  const rows = await statusEventsAfter(reading, place, limit);
  const open = rows.findIndex(({ settled }) => settled === 0);
  const settled = open === -1 ? rows : rows.slice(0, open);
  const last = settled.at(-1);
  return {
    // A transaction that began earlier and came later to the same pipeline has the lower number but the higher id.
    events: settled.toSorted((a, b) => a.id - b.id).map(eventOfRow),
    place: last === undefined ? place : { xact: last.xact, id: last.id },
    more: open !== -1 || rows.length === limit,
  };
}

/** The place of `time` (ms): all that is after it changed then or later. */
export async function placeOfTime(reading: Reading, time: number): Promise<Place> {
  return (await lastStatusEventBefore(reading, time)) ?? BEGINNING;
}

/** Whether everything after a place can still be read. */
export async function isKnownPlace(reading: Reading, place: Place): Promise<boolean> {
  return await statusEventExists(reading, place);
}

/** Forgets what nobody reads back any more; the newest change stays, so that a quiet server knows its readers' place. */
export async function forgetStatusEvents(tx: Tx, now: number): Promise<number> {
  return await deleteStatusEvents(tx, now - KEPT_MS, BATCH);
}

function eventOfRow(row: StatusEventRow): StatusEvent {
  const jobs = JSON.parse(row.jobs) as [id: number, status: Status, queued: number][];
  return {
    projectId: row.project_id,
    pipelineId: row.pipeline_id,
    status: row.status as StatusEvent['status'],
    jobs: jobs.map(([id, status, queued]) => ({ id, status, queued: queued === 1 })),
  };
}
