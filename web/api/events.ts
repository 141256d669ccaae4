import { signal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';

/** A change that the server tells of. It is a hint: what is shown exactly is read again. */
export interface Change {
  kind: 'pipeline' | 'job' | 'queue';
  project_id: number;
  pipeline_id: number;
  job_id?: number;
  status: string;
}

/** What listeners get: a change, or null for "something may have been missed, read again". */
type Listener = (change: Change | null) => void;

/** How fresh the page is: `live` by the stream, `slow` by reading again now and then while the stream cannot be had. */
export const freshness = signal<'live' | 'slow'>('live');

const STREAM = '/api/v4/events/stream';
const KINDS = ['pipeline', 'job', 'queue'] as const;
/** Between two readings without the stream, and between two tries to have it again, milliseconds. */
const SLOW_MS = 10_000;
const RETRY_MS = 30_000;

const listeners = new Set<Listener>();
let source: EventSource | null = null;
let slow: ReturnType<typeof setInterval> | undefined;
let retry: ReturnType<typeof setTimeout> | undefined;

function tell(change: Change | null): void {
  for (const listener of listeners) listener(change);
}

function open(): void {
  if (source !== null) return;
  const opened = new EventSource(STREAM);
  source = opened;
  let wasOpen = false;
  opened.onopen = () => {
    freshness.value = 'live';
    clearInterval(slow);
    slow = undefined;
    // The browser resumes by `Last-Event-ID`; the first opening after slow times knows of none.
    if (!wasOpen && missed) tell(null);
    wasOpen = true;
    missed = false;
  };
  opened.onerror = () => {
    fallBack();
    // The browser tries again by itself, unless the answer was no stream at all.
    if (opened.readyState !== EventSource.CLOSED) return;
    close();
    retry = setTimeout(open, RETRY_MS);
  };
  opened.addEventListener('reset', () => tell(null));
  for (const kind of KINDS) {
    opened.addEventListener(kind, (event) => tell({ ...JSON.parse(event.data as string), kind }));
  }
}

/** Whether changes may have been missed since the stream was last open. */
let missed = false;

function fallBack(): void {
  freshness.value = 'slow';
  missed = true;
  slow ??= setInterval(() => {
    if (document.visibilityState === 'visible') tell(null);
  }, SLOW_MS);
}

function close(): void {
  source?.close();
  source = null;
}

/** Ends the stream and opens it as who the reader is now: after signing in or out. */
export function reopenEvents(): void {
  close();
  clearTimeout(retry);
  if (listeners.size > 0) open();
}

/** Calls `listener` with every change; gives how to stop. All listeners of a page share one connection. */
export function listen(listener: Listener): () => void {
  listeners.add(listener);
  clearTimeout(retry);
  open();
  return () => {
    listeners.delete(listener);
  };
}

/** Calls the newest `listener` while the component is shown. */
export function useChanges(listener: Listener): void {
  const newest = useRef(listener);
  newest.current = listener;
  useEffect(() => listen((change) => newest.current(change)), []);
}
