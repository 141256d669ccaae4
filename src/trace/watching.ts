/** Seconds between two PATCHes of the runner (runner-api 4), by who looks at the log. */
export const INTERVAL_UNWATCHED = 60;
export const INTERVAL_READ = 3;
export const INTERVAL_FOLLOWED = 1;

/** A reader counts as one that watches for this many milliseconds: longer than a follower may wait in one call. */
const READ_COUNTS_FOR = 75_000;

/** Who looks at which live log, in this process, so that its runner can be told how often to send. */
export class Watching {
  readonly #followers = new Map<number, number>();
  readonly #lastRead = new Map<number, number>();

  /** Somebody holds the log open until the returned function is called. */
  follow(jobId: number): () => void {
    this.#followers.set(jobId, (this.#followers.get(jobId) ?? 0) + 1);
    return () => {
      const left = (this.#followers.get(jobId) ?? 1) - 1;
      if (left === 0) this.#followers.delete(jobId);
      else this.#followers.set(jobId, left);
    };
  }

  /** Somebody read the log while it was live. */
  read(jobId: number, now: number): void {
    this.#lastRead.delete(jobId);
    this.#lastRead.set(jobId, now);
    for (const [old, at] of this.#lastRead) {
      if (now - at < READ_COUNTS_FOR) break;
      this.#lastRead.delete(old);
    }
  }

  /** The value of `X-GitLab-Trace-Update-Interval`, in whole seconds. */
  interval(jobId: number, now: number): number {
    if (this.#followers.has(jobId)) return INTERVAL_FOLLOWED;
    const read = this.#lastRead.get(jobId);
    return read !== undefined && now - read < READ_COUNTS_FOR ? INTERVAL_READ : INTERVAL_UNWATCHED;
  }
}
