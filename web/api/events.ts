import { effect, signal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { viewer } from '../shell/viewer.ts';
import { type Change, openStream, type StreamMessage } from './event-stream.ts';

/** What listeners get: a change, or null for "something may have been missed, read again". */
type Listener = (change: Change | null) => void;

/** How fresh the page is: `live` by the stream, `slow` by reading again now and then while the stream cannot be had. */
export const freshness = signal<'opening' | 'live' | 'slow'>('opening');

/** Between two readings without the stream, milliseconds. */
const SLOW_MS = 10_000;

const listeners = new Set<Listener>();
let slow: ReturnType<typeof setInterval> | undefined;

function tell(change: Change | null): void {
  for (const listener of listeners) listener(change);
}

function hear(message: StreamMessage): void {
  switch (message.type) {
    case 'open':
      freshness.value = 'live';
      clearInterval(slow);
      slow = undefined;
      // What changed between the page's first reading and now was told to nobody.
      tell(null);
      break;
    case 'lost':
      freshness.value = 'slow';
      slow ??= setInterval(() => {
        if (document.visibilityState === 'visible') tell(null);
      }, SLOW_MS);
      break;
    case 'reset':
      tell(null);
      break;
    case 'change':
      tell(message.change);
  }
}

/** Begins to listen once it is known who looks, and anew when that changes. Called once, by `main.tsx`. */
export function startEvents(): void {
  effect(() => {
    document.documentElement.dataset.events = freshness.value;
  });
  if (typeof SharedWorker === 'undefined') {
    let end = () => {};
    effect(() => {
      if (viewer.value === undefined) return;
      end();
      end = openStream(hear);
    });
    return;
  }
  const worker = new SharedWorker(new URL('./event-worker.ts', import.meta.url), { type: 'module' });
  worker.port.onmessage = ({ data }: MessageEvent<StreamMessage>) => hear(data);
  const hello = () => {
    if (viewer.value !== undefined) worker.port.postMessage({ viewer: viewer.value?.id ?? null });
  };
  effect(hello);
  addEventListener('pagehide', () => worker.port.postMessage('goodbye'));
  addEventListener('pageshow', ({ persisted }) => {
    if (persisted) hello();
  });
}

/** Calls the newest `listener` with every change while the component is shown. All share one connection. */
export function useChanges(listener: Listener): void {
  const newest = useRef(listener);
  newest.current = listener;
  useEffect(() => {
    const own: Listener = (change) => newest.current(change);
    listeners.add(own);
    return () => {
      listeners.delete(own);
    };
  }, []);
}
