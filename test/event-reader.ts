import assert from 'node:assert/strict';
import { until } from './until.ts';

/** One event as it came. */
export interface ReadEvent {
  event: string;
  data: { project_id: number; pipeline_id: number; job_id?: number; status: string };
}

/** Reads an event stream as a browser does, and keeps all that came. */
export class EventReader {
  readonly events: ReadEvent[] = [];
  /** What a browser would resume with. */
  lastId = '';
  /** Whether the server ended the stream. */
  ended = false;
  readonly #abort = new AbortController();
  readonly #waiting = new Set<{ fits: (event: ReadEvent) => boolean; resolve: (event: ReadEvent) => void }>();
  #blocks = '';

  /** Opens the stream; resolves when the server answers. */
  static async open(
    url: string,
    headers: Record<string, string>,
    options: { projectId?: number; lastId?: string } = {},
  ): Promise<EventReader> {
    const reader = new EventReader();
    const query = options.projectId === undefined ? '' : `?project_id=${options.projectId}`;
    const response = await fetch(`${url}/api/v4/events/stream${query}`, {
      headers: { ...headers, ...(options.lastId === undefined ? {} : { 'last-event-id': options.lastId }) },
      signal: reader.#abort.signal,
    });
    assert.equal(response.status, 200);
    assert.equal(response.headers.get('content-type'), 'text/event-stream');
    void reader.#read(response.body!);
    return reader;
  }

  /** Waits until something that came fits. */
  async until(what: string, fits: (event: ReadEvent) => boolean): Promise<ReadEvent> {
    return await until(what, async () => this.events.find(fits), { limitMs: 20_000, pauseMs: 20 });
  }

  /** The next event that fits, when it comes. */
  next(fits: (event: ReadEvent) => boolean): Promise<ReadEvent> {
    return new Promise((resolve) => this.#waiting.add({ fits, resolve }));
  }

  close(): void {
    this.#abort.abort();
  }

  async #read(body: ReadableStream<Uint8Array>): Promise<void> {
    const decoder = new TextDecoder();
    try {
      for await (const bytes of body) this.#take(decoder.decode(bytes, { stream: true }));
    } catch {
      // The test closed it, or the server went away.
    }
    this.ended = true;
  }

  #take(text: string): void {
    const blocks = (this.#blocks + text).split('\n\n');
    this.#blocks = blocks.pop()!;
    for (const block of blocks) {
      const fields = new Map(block.split('\n').map((line) => line.split(/: ?(.*)/s, 2) as [string, string]));
      this.lastId = fields.get('id') ?? this.lastId;
      const [event, data] = [fields.get('event'), fields.get('data')];
      if (event === undefined || data === undefined) continue;
      const read: ReadEvent = { event, data: JSON.parse(data) };
      this.events.push(read);
      for (const waiting of this.#waiting) {
        if (!waiting.fits(read)) continue;
        this.#waiting.delete(waiting);
        waiting.resolve(read);
      }
    }
  }
}
