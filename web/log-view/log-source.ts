import { signal } from '@preact/signals';
import type { Problem } from '../api/client.ts';
import { BLOCK_LINES, Blocks, type ShownLine } from './blocks.ts';
import { LineSplitter } from './line-splitter.ts';
import { type FetchedLines, LogApi, type LogIndex } from './log-api.ts';

/** Fetches of lines that are under way at once. */
const MAX_FETCHES = 3;
/** Sections are asked for again this long after the stream showed a mark of one, milliseconds. */
const SECTIONS_AFTER_MS = 250;

/** The log of a job: what is in sight is fetched, what is new comes by itself, and memory stays bounded. */
export class LogSource {
  readonly api: LogApi;
  /** Lines, sections and times; null until they are known. */
  readonly index = signal<LogIndex | null>(null);
  /** Moves when lines came. */
  readonly changes = signal(0);
  readonly problem = signal<Problem | null>(null);
  /** The log is shown as it grows. */
  readonly live = signal(false);
  readonly #blocks = new Blocks();
  readonly #closed = new AbortController();
  /** Blocks that are being fetched. */
  readonly #fetching = new Set<number>();
  #wanted: number[] = [];
  #stream: EventSource | null = null;
  /** Where the stream goes on, and the line that begins there or was begun before. */
  #offset = 0;
  #tail = 0;
  #splitter = new LineSplitter();
  #refreshing: ReturnType<typeof setTimeout> | undefined;

  /** `fromStart`: the first lines are what will be shown, so they are asked for at once. */
  constructor(projectId: number, jobId: number, fromStart: boolean) {
    this.api = new LogApi(projectId, jobId);
    document.addEventListener('visibilitychange', this.#lookAtVisibility);
    void this.#start(fromStart);
  }

  close(): void {
    this.#closed.abort();
    this.#hangUp();
    clearTimeout(this.#refreshing);
    document.removeEventListener('visibilitychange', this.#lookAtVisibility);
  }

  /** A line, or null while it is not at hand. */
  line(number: number): ShownLine | null {
    return this.#blocks.line(number);
  }

  /** Fetches the blocks of these lines, instead of what was wanted before and is not under way. */
  want(lines: Iterable<number>): void {
    const wanted = new Set<number>();
    for (const line of lines) {
      const block = Math.floor(line / BLOCK_LINES);
      if (!this.#fetching.has(block) && !this.#blocks.has(line)) wanted.add(block);
    }
    this.#wanted = [...wanted];
    this.#fetchNext();
  }

  /** The lines of a stretch as text, fetched where they are not at hand; null when that fails. */
  async text(first: number, last: number): Promise<string | null> {
    const lines: string[] = [];
    for (let at = first; at <= last; at++) {
      if (!this.#blocks.has(at)) await this.#fetch(Math.floor(at / BLOCK_LINES));
      const line = this.#blocks.line(at);
      if (line === null) return null;
      lines.push(line.text);
    }
    return lines.join('\n');
  }

  async #start(fromStart = false): Promise<void> {
    const ahead = fromStart ? this.api.lines(0, BLOCK_LINES, this.#closed.signal) : null;
    if (ahead !== null) this.#fetching.add(0);
    const result = await this.api.index();
    if (this.#closed.signal.aborted) return;
    if (!result.ok) {
      this.#fetching.delete(0);
      this.problem.value = result.problem;
      return;
    }
    this.problem.value = null;
    this.index.value = result.value;
    const first = await ahead;
    this.#fetching.delete(0);
    if (first !== null) this.#store(first);
    if (ahead !== null) this.changes.value++;
    if (!result.value.ended) await this.#fetchEnd();
  }

  /** Tries again after a problem. */
  retry(): void {
    void this.#start();
  }

  /** Fetches the last lines of a log that grows, and listens from the beginning of its last line on: that may go on. */
  async #fetchEnd(): Promise<void> {
    let first = Math.max(0, Math.floor(((this.index.value?.lines ?? 0) - 1) / BLOCK_LINES) * BLOCK_LINES);
    for (;;) {
      const fetched = await this.api.lines(first, BLOCK_LINES, this.#closed.signal);
      if (this.#closed.signal.aborted) return;
      if (fetched === null) {
        this.#refreshing = setTimeout(() => void this.#fetchEnd(), 2000);
        return;
      }
      this.#store(fetched);
      first = fetched.first + fetched.lines.length;
      if (first < fetched.total) continue;
      this.#tail = Math.max(0, first - 1);
      this.#offset = fetched.lines.at(-1)?.offset ?? fetched.end;
      this.#splitter = new LineSplitter();
      this.#grow(first);
      this.#listen();
      return;
    }
  }

  #listen(): void {
    if (this.#stream !== null || this.#closed.signal.aborted || document.visibilityState === 'hidden') return;
    const stream = this.api.stream(this.#offset);
    this.#stream = stream;
    this.live.value = true;
    stream.onmessage = (event) =>
      this.#take(JSON.parse(event.data as string) as string, Number(event.lastEventId));
    stream.addEventListener('restart', () => {
      this.#blocks.clear();
      this.#splitter = new LineSplitter();
      this.#offset = 0;
      this.#tail = 0;
      this.#grow(0);
      void this.#refresh();
    });
    stream.addEventListener('end', () => {
      this.#hangUp();
      void this.#refresh();
    });
    stream.onerror = () => {
      if (stream.readyState !== EventSource.CLOSED) return; // it comes back by itself, from where it was
      this.#hangUp();
      this.#refreshing = setTimeout(() => this.#listen(), 5000);
    };
  }

  #hangUp(): void {
    this.#stream?.close();
    this.#stream = null;
    this.live.value = false;
  }

  /** A hidden page lets its connection go, as browsers have few of them; it hears the rest when it is seen again. */
  readonly #lookAtVisibility = () => {
    const { index } = this;
    if (document.visibilityState === 'hidden') this.#hangUp();
    else if (index.value !== null && !index.value.ended) this.#listen();
  };

  #take(text: string, offset: number): void {
    const ended = this.#splitter.push(text);
    const { rest } = this.#splitter;
    this.#offset = offset;
    const arrived = Date.now();
    const shown = rest === '' ? ended : [...ended, rest.replace(/\n$/, '')];
    this.#blocks.put(
      this.#tail,
      shown.map((raw) => ({ raw, arrived })),
    );
    this.#tail += ended.length;
    this.#grow(this.#tail + (rest === '' ? 0 : 1));
    if (text.includes('section_'))
      this.#refreshing ??= setTimeout(() => void this.#refresh(), SECTIONS_AFTER_MS);
  }

  #grow(lines: number): void {
    const index = this.index.value;
    if (index !== null && index.lines !== lines) this.index.value = { ...index, lines };
    this.changes.value++;
  }

  /** Sections, times and the end anew. */
  async #refresh(): Promise<void> {
    this.#refreshing = undefined;
    const result = await this.api.index();
    if (!result.ok || this.#closed.signal.aborted) return;
    const { lines } = this.index.value ?? result.value;
    // What the stream has not brought yet is not shown yet.
    this.index.value = this.#stream === null ? result.value : { ...result.value, lines };
    if (result.value.ended && this.#stream === null) this.changes.value++;
  }

  /** The first line of a block that is not at hand; null when all are. */
  #missing(block: number): number | null {
    const end = Math.min((block + 1) * BLOCK_LINES, this.index.value?.lines ?? 0);
    for (let at = block * BLOCK_LINES; at < end; at++) if (!this.#blocks.has(at)) return at;
    return null;
  }

  #fetchNext(): void {
    while (this.#fetching.size < MAX_FETCHES) {
      const block = this.#wanted.shift();
      if (block === undefined) return;
      void this.#fetch(block).then(() => this.#fetchNext());
    }
  }

  async #fetch(block: number): Promise<void> {
    const first = this.#missing(block);
    if (first === null) return;
    this.#fetching.add(block);
    const limit = (block + 1) * BLOCK_LINES - first;
    const fetched = await this.api.lines(first, limit, this.#closed.signal);
    this.#fetching.delete(block);
    if (fetched === null || this.#closed.signal.aborted) return;
    this.#store(fetched);
    this.changes.value++;
  }

  #store({ first, lines }: FetchedLines): void {
    const times = this.index.value?.times ?? [];
    // What the stream brought is newer than any answer.
    const known = this.#stream === null ? lines : lines.slice(0, Math.max(0, this.#tail - first));
    this.#blocks.put(
      first,
      known.map(({ raw, offset }) => ({ raw, arrived: arrivalOf(times, offset) })),
    );
  }
}

/** When the bytes at an offset came. */
function arrivalOf(times: LogIndex['times'], offset: number): number | null {
  let [low, high] = [0, times.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (times[middle]![0] <= offset) low = middle + 1;
    else high = middle;
  }
  return times[low - 1]?.[1] ?? null;
}
