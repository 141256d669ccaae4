import { type Refused, refuse } from './errors.ts';

const MINUTE_MS = 60_000;
/** Callers remembered at once; beyond it the oldest is forgotten. */
const MAX_CALLERS = 100_000;

interface Window {
  startedAt: number;
  count: number;
}

/** Calls in a window of time. */
export interface Limit {
  calls: number;
  windowMs: number;
}

/** Counts calls by bucket and caller in windows, of a minute if nothing else is said, in this process (security LIM-3). */
export class RateLimits {
  readonly #overrides: Readonly<Record<string, number>>;
  readonly #windows = new Map<string, Window>();

  /** `overrides`: calls a minute by bucket name, instead of what the routes say; 0 switches a limit off. */
  constructor(overrides: Readonly<Record<string, number>> = {}) {
    this.#overrides = overrides;
  }

  /** Counts one call at `now` (ms). Throws `Refused` with 429 and when to come back, once the window is full. */
  take(
    bucket: string,
    caller: string,
    limited: number | Limit,
    now: number,
    refusal: (retryAfterSeconds: number, headers: Record<string, string>) => Refused = refuse.tooManyRequests,
  ): void {
    const usual = typeof limited === 'number' ? { calls: limited, windowMs: MINUTE_MS } : limited;
    const { windowMs } = usual;
    const limit = this.#overrides[bucket] ?? usual.calls;
    if (limit === 0) return;
    const key = `${bucket} ${caller}`;
    let window = this.#windows.get(key);
    if (window === undefined || now - window.startedAt >= windowMs) {
      window = { startedAt: now, count: 0 };
      this.#windows.delete(key);
      this.#windows.set(key, window);
      if (this.#windows.size > MAX_CALLERS) this.#windows.delete(this.#windows.keys().next().value!);
    }
    window.count++;
    if (window.count <= limit) return;
    const resetAt = Math.ceil((window.startedAt + windowMs) / 1000);
    const seconds = Math.max(1, Math.ceil((window.startedAt + windowMs - now) / 1000));
    throw refusal(seconds, {
      'ratelimit-limit': String(limit),
      'ratelimit-name': bucket,
      'ratelimit-observed': String(window.count),
      'ratelimit-remaining': '0',
      'ratelimit-reset': String(resetAt),
    });
  }
}
