import { PassThrough } from 'node:stream';
import type { Place } from '../../pipeline/status-events.ts';
import type { Caller } from '../../project/caller.ts';

/** A reader who takes nothing of what was sent is dropped at so many bytes, instead of being buffered for (security LIM-8). */
const MAX_UNREAD_BYTES = 256 * 1024;
/** A stream ends after this long, so that who reads proves anew who he is; browsers resume by themselves. Milliseconds. */
const MAX_AGE_MS = 10 * 60_000;
/** How long a browser waits before it resumes, milliseconds. */
const RETRY_MS = 1000;

/** What is told of one change. */
export interface ToldEvent {
  event: 'pipeline' | 'job' | 'queue';
  data: { project_id: number; pipeline_id: number; job_id?: number; status: string };
}

/** One open event stream: who reads it, of which project, and how far he was told. */
export class Watcher {
  readonly caller: Exclude<Caller, { kind: 'job' }>;
  /** Null: every project that the caller may see. */
  readonly projectId: number | null;
  readonly openedAt: number;
  readonly body = new PassThrough();
  /** He was told of everything up to here. */
  place: Place;
  #sentPlace: Place | null = null;

  constructor(caller: Watcher['caller'], projectId: number | null, place: Place, now: number) {
    this.caller = caller;
    this.projectId = projectId;
    this.place = place;
    this.openedAt = now;
    this.body.on('error', () => {});
    this.#write(`retry: ${RETRY_MS}\n\n`);
  }

  /** Whom the cap on open streams counts together. */
  owner(ip: string): string {
    return this.caller.kind === 'anonymous' ? ip : `u${this.caller.user.id}`;
  }

  /** Tells of changes; with the last one goes the place from which a later stream may resume. */
  tell(events: readonly ToldEvent[]): void {
    if (events.length === 0) return;
    const blocks = events.map(({ event, data }) => `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
    this.#write(blocks.join('') + this.#placeBlock());
  }

  /** Too much was missed: the reader reads everything again. */
  reset(): void {
    this.#write(`event: reset\ndata: {}\n\n${this.#placeBlock()}`);
  }

  /** Shows that the stream is alive; brings the place along if it moved without anything to tell. Ends what is too old. */
  beat(now: number): void {
    const { xact, id } = this.place;
    const moved = this.#sentPlace?.xact !== xact || this.#sentPlace.id !== id;
    this.#write(moved ? this.#placeBlock() : ':\n\n');
    if (now - this.openedAt >= MAX_AGE_MS) this.body.end();
  }

  /** An `id` without data: the browser keeps it and tells nobody. */
  #placeBlock(): string {
    this.#sentPlace = this.place;
    return `id: ${this.place.xact}-${this.place.id}\n\n`;
  }

  #write(text: string): void {
    if (this.body.writableEnded || this.body.destroyed) return;
    if (this.body.writableLength + this.body.readableLength > MAX_UNREAD_BYTES) this.body.destroy();
    else this.body.write(text);
  }
}
