import type { Notifications } from '../db/notify.ts';

/** Seconds between two PATCHes of the runner (runner-api 4), by who looks at the log. */
export const INTERVAL_UNWATCHED = 60;
export const INTERVAL_READ = 3;
export const INTERVAL_FOLLOWED = 1;

/** A reader counts as one that watches for this many milliseconds: longer than a follower may wait in one call. */
const READ_COUNTS_FOR = 75_000;
/** Other processes are told of a reader again after this long, milliseconds. */
const TELL_EVERY = 20_000;
/** A log whose runner said nothing for this long is no longer listened for, milliseconds: longer than it is told to wait. */
const FORGET_AFTER = 10 * 60_000;

type Kind = 'read' | 'followed';

/** A log whose runner sends it to this process, and what other processes told of who looks at it. */
interface Arriving {
  askedAt: number;
  /** What was heard since the runner was last told, and when it was told of it. */
  heard: Set<Kind>;
  toldAt: Record<Kind, number>;
  unsubscribe: () => void;
}

/**
 * Who looks at which live log, so that its runner can be told how often to send. Readers and runner may be served by
 * different processes: the others are told of a reader now and then while he looks.
 */
export class Watching {
  readonly #end = new AbortController();
  /** Aborted when the server ends: nobody waits for a log any longer. */
  readonly ended = this.#end.signal;
  readonly #streams = new Map<string, number>();
  readonly #notifications: Notifications;
  readonly #followers = new Map<number, number>();
  readonly #lastRead = new Map<number, number>();
  readonly #told = new Map<string, number>();
  readonly #arriving = new Map<number, Arriving>();

  constructor(notifications: Notifications) {
    this.#notifications = notifications;
  }

  /** Somebody holds the log open until the returned function is called. */
  follow(jobId: number): () => void {
    this.#tell('followed', jobId);
    this.#followers.set(jobId, (this.#followers.get(jobId) ?? 0) + 1);
    return () => {
      const left = (this.#followers.get(jobId) ?? 1) - 1;
      if (left === 0) this.#followers.delete(jobId);
      else this.#followers.set(jobId, left);
    };
  }

  /** One more stream of logs for somebody, until the returned function is called; null when they have `most` already. */
  open(owner: string, most: number): (() => void) | null {
    const open = this.#streams.get(owner) ?? 0;
    if (open >= most) return null;
    this.#streams.set(owner, open + 1);
    return () => {
      const left = this.#streams.get(owner)! - 1;
      if (left === 0) this.#streams.delete(owner);
      else this.#streams.set(owner, left);
    };
  }

  /** Lets everybody go who waits. */
  end(): void {
    this.#end.abort();
  }

  /** Somebody read the log while it was live. */
  read(jobId: number, now: number): void {
    this.#tell('read', jobId);
    this.#lastRead.delete(jobId);
    this.#lastRead.set(jobId, now);
    for (const [old, at] of this.#lastRead) {
      if (now - at < READ_COUNTS_FOR) break;
      this.#lastRead.delete(old);
    }
  }

  /** The value of `X-GitLab-Trace-Update-Interval`, in whole seconds, for a runner that sends the log to this process. */
  interval(jobId: number, now: number): number {
    const { heard, toldAt } = this.#listen(jobId, now);
    for (const kind of heard) toldAt[kind] = now;
    heard.clear();
    if (this.#followers.has(jobId) || now - toldAt.followed < READ_COUNTS_FOR) return INTERVAL_FOLLOWED;
    const read = Math.max(this.#lastRead.get(jobId) ?? Number.NEGATIVE_INFINITY, toldAt.read);
    return now - read < READ_COUNTS_FOR ? INTERVAL_READ : INTERVAL_UNWATCHED;
  }

  #tell(kind: Kind, jobId: number): void {
    const topic = topicOf(kind, jobId);
    const now = performance.now();
    const last = this.#told.get(topic);
    if (last !== undefined && now - last < TELL_EVERY) return;
    this.#told.delete(topic);
    this.#told.set(topic, now);
    for (const [old, at] of this.#told) {
      if (now - at < TELL_EVERY) break;
      this.#told.delete(old);
    }
    this.#notifications.send([topic]);
  }

  #listen(jobId: number, now: number): Arriving {
    const arriving = this.#arriving.get(jobId) ?? this.#begin(jobId);
    arriving.askedAt = now;
    this.#arriving.delete(jobId);
    this.#arriving.set(jobId, arriving);
    for (const [old, { askedAt, unsubscribe }] of this.#arriving) {
      if (now - askedAt < FORGET_AFTER) break;
      unsubscribe();
      this.#arriving.delete(old);
    }
    return arriving;
  }

  #begin(jobId: number): Arriving {
    const heard = new Set<Kind>();
    const kinds: Kind[] = ['read', 'followed'];
    const ends = kinds.map((kind) =>
      this.#notifications.subscribe(topicOf(kind, jobId), () => void heard.add(kind)),
    );
    const never = Number.NEGATIVE_INFINITY;
    return {
      askedAt: 0,
      heard,
      toldAt: { read: never, followed: never },
      unsubscribe: () => {
        for (const end of ends) end();
      },
    };
  }
}

function topicOf(kind: Kind, jobId: number): string {
  return `${kind}:${jobId}`;
}
