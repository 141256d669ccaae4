import type { Readable } from 'node:stream';
import type { Database } from '../../db/database.ts';
import {
  isKnownPlace,
  type Place,
  placeOfTime,
  STATUS_EVENTS,
  type StatusEvent,
  statusEventsSince,
} from '../../pipeline/status-events.ts';
import { Audience } from './audience.ts';
import { toldEvents } from './told-events.ts';
import { Watcher } from './watcher.ts';

/** Streams of one user, or of one address without a user. */
const MAX_STREAMS = 30;
/** Changes read at once. */
const BATCH = 500;
const BEAT_MS = 15_000;
/** A new reader is told of what changed while his page was on its way to him, milliseconds. */
const LOOK_BACK_MS = 3000;

export interface Timing {
  /** Changes within this time are read and told together. */
  gatherMs: number;
  /** Bounds how long a lost notification, or an open transaction, can hide a change. */
  pollMs: number;
}

/**
 * Everybody who watches the event stream of this process. What changed is read from the database once for all, when a
 * notification says so and at a slow pace besides; while nothing changes, a thousand readers cost one small read now and
 * then. Nobody is told of a project that he may not see at that moment.
 */
export class EventStreams {
  readonly #db: Database;
  readonly #onError: (error: unknown) => void;
  readonly #timing: Timing;
  readonly #watchers = new Map<Watcher, string>();
  readonly #audience: Audience;
  /** Everybody was told of everything up to here; null while nobody watches. */
  #place: Place | null = null;
  /** Reads follow one another, so that a reader who joins between two of them misses nothing. */
  #turns: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | null = null;
  #stop: (() => void) | null = null;
  #closed = false;

  constructor(
    db: Database,
    onError: (error: unknown) => void,
    timing: Timing = { gatherMs: 50, pollMs: 5000 },
  ) {
    this.#db = db;
    this.#onError = onError;
    this.#timing = timing;
    this.#audience = new Audience(db.read);
  }

  /** Open streams. */
  get size(): number {
    return this.#watchers.size;
  }

  /**
   * A stream for a caller, from the place where an earlier one ended, or from now. Null when he has too many open already.
   */
  async open(
    reader: { caller: Watcher['caller']; projectId: number | null; ip: string; resumeAt: Place | null },
    now: number,
  ): Promise<Readable | null> {
    const { caller, projectId, ip, resumeAt } = reader;
    const known = resumeAt !== null && (await isKnownPlace(this.#db.read, resumeAt));
    const place = known ? resumeAt : await placeOfTime(this.#db.read, now - LOOK_BACK_MS);
    const watcher = new Watcher(caller, projectId, place, now);
    const owner = watcher.owner(ip);
    const open = [...this.#watchers.values()].filter((other) => other === owner).length;
    if (open >= MAX_STREAMS) return null;
    if (this.#closed) watcher.body.end();
    else {
      if (resumeAt !== null && !known) watcher.reset();
      this.#watchers.set(watcher, owner);
      watcher.body.once('close', () => this.#leave(watcher));
      this.#start();
      this.#take(() => this.#catchUp(watcher));
    }
    return watcher.body;
  }

  /** Ends every stream, and opens none from now on. */
  close(): void {
    this.#closed = true;
    for (const watcher of this.#watchers.keys()) watcher.body.end();
    this.#rest();
  }

  #start(): void {
    if (this.#stop !== null) return;
    const unsubscribe = this.#db.notifications.subscribe(STATUS_EVENTS, () =>
      this.#soon(this.#timing.gatherMs),
    );
    const poll = setInterval(() => this.#soon(0), this.#timing.pollMs);
    const beat = setInterval(() => {
      const now = Date.now();
      for (const watcher of this.#watchers.keys()) watcher.beat(now);
    }, BEAT_MS);
    this.#stop = () => {
      unsubscribe();
      clearInterval(poll);
      clearInterval(beat);
    };
  }

  #rest(): void {
    this.#stop?.();
    this.#stop = null;
    this.#place = null;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #leave(watcher: Watcher): void {
    this.#watchers.delete(watcher);
    if (this.#watchers.size === 0) this.#rest();
  }

  #soon(ms: number): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      this.#take(() => this.#tellAll());
    }, ms);
  }

  #take(work: () => Promise<void>): void {
    this.#turns = this.#turns.then(work).catch((error: unknown) => {
      this.#onError(error);
      if (this.#stop !== null) this.#soon(this.#timing.pollMs);
    });
  }

  /** Brings a new reader to where the others are; the first one brings everybody there is. */
  async #catchUp(watcher: Watcher): Promise<void> {
    this.#place ??= watcher.place;
    while (this.#watchers.has(watcher) && isBefore(watcher.place, this.#place)) {
      const read = await statusEventsSince(this.#db.read, watcher.place, BATCH);
      if (read.events.length === 0) break;
      await this.#tell([watcher], read.events, read.place);
    }
  }

  async #tellAll(): Promise<void> {
    for (;;) {
      if (this.#place === null) return;
      const { events, place, more } = await statusEventsSince(this.#db.read, this.#place, BATCH);
      const behind = [...this.#watchers.keys()].filter((watcher) => isBefore(watcher.place, place));
      if (events.length > 0) await this.#tell(behind, events, place);
      if (this.#place === null) return; // the last reader left meanwhile
      this.#place = place;
      if (!more) return;
      // Cut off, or behind a transaction that is still open.
      if (events.length < BATCH) return this.#soon(this.#timing.gatherMs);
    }
  }

  async #tell(watchers: readonly Watcher[], events: readonly StatusEvent[], place: Place): Promise<void> {
    const told = toldEvents(events);
    const seen = await this.#audience.whoSees(watchers, [...told.keys()], Date.now());
    for (const watcher of watchers) {
      watcher.place = place;
      const sight = seen.get(watcher);
      if (sight === 'ended') watcher.body.end();
      else {
        watcher.tell(
          [...told].flatMap(([projectId, { pipelines, jobs }]) => {
            const depth = sight?.get(projectId);
            if (depth === undefined) return [];
            return depth === 'pipelines' ? pipelines : [...pipelines, ...jobs];
          }),
        );
      }
    }
  }
}

function isBefore(a: Place, b: Place): boolean {
  return a.xact < b.xact || (a.xact === b.xact && a.id < b.id);
}
