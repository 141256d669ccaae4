import type { Notifications } from '../db/notify.ts';
import type { Traces } from './traces.ts';

export type Next =
  /** Bytes that follow the offset, at most `MAX_BYTES`. */
  | { kind: 'bytes'; bytes: Buffer }
  /** The log was taken back, the runner sends it again: start over at 0. */
  | { kind: 'restarted' }
  /** Nothing follows and nothing will. */
  | { kind: 'ended' }
  /** Nothing came in time; ask again. */
  | { kind: 'timeout' };

export interface Follow {
  jobId: number;
  /** Bytes the viewer has. */
  offset: number;
  /** How long to wait for more, in milliseconds. */
  timeout: number;
  signal: AbortSignal;
  /** Asked only when nothing follows: whether the job is over. */
  ended(): Promise<boolean>;
}

const MAX_BYTES = 256 * 1024;
/** Milliseconds after which the truth is read again though nobody called: a lost notification costs no more. */
const LOOK_AGAIN = 5000;

/**
 * What follows `offset`, waiting for it when there is nothing yet. Subscribes first, then looks, then sleeps, so no wakeup
 * is lost. A viewer holds nothing between two calls but its offset.
 */
export async function nextBytes(traces: Traces, notifications: Notifications, follow: Follow): Promise<Next> {
  const deadline = performance.now() + follow.timeout;
  const bell = new Bell(follow.signal);
  const unsubscribe = notifications.subscribe(`trace:${follow.jobId}`, () => bell.ring());
  const unfollow = traces.watching.follow(follow.jobId);
  try {
    for (;;) {
      const next =
        (await look(traces, follow)) ?? ((await follow.ended()) ? await last(traces, follow) : null);
      if (next !== null) return next;
      const left = deadline - performance.now();
      if (left <= 0 || follow.signal.aborted) return { kind: 'timeout' };
      await bell.wait(Math.min(left, LOOK_AGAIN));
    }
  } finally {
    unsubscribe();
    unfollow();
    bell.close();
  }
}

async function look(traces: Traces, { jobId, offset }: Follow): Promise<Next | null> {
  const view = await traces.view(jobId);
  const size = view?.size ?? 0;
  if (size < offset) return { kind: 'restarted' };
  if (view === null || size === offset) return null;
  const parts: Buffer[] = [];
  for await (const part of view.stream(offset, Math.min(size, offset + MAX_BYTES)))
    parts.push(part as Buffer);
  return { kind: 'bytes', bytes: Buffer.concat(parts) };
}

/** The job ended after the look: what came in between is still due. */
async function last(traces: Traces, follow: Follow): Promise<Next> {
  return (await look(traces, follow)) ?? { kind: 'ended' };
}

/** Remembers a ring that came while nobody waited. */
class Bell {
  #rung = false;
  #wake: (() => void) | null = null;
  readonly #signal: AbortSignal;
  readonly #aborted = () => this.ring();

  constructor(signal: AbortSignal) {
    this.#signal = signal;
    signal.addEventListener('abort', this.#aborted);
  }

  ring(): void {
    this.#rung = true;
    this.#wake?.();
  }

  /** Until it rings, or for `ms` milliseconds. */
  async wait(ms: number): Promise<void> {
    if (!this.#rung) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, ms);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    this.#rung = false;
    this.#wake = null;
  }

  close(): void {
    this.#signal.removeEventListener('abort', this.#aborted);
  }
}
