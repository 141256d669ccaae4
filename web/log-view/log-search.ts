import { computed, signal } from '@preact/signals';
import type { Problem } from '../api/client.ts';
import type { Found, LogApi } from './log-api.ts';

/** Matches that are asked for at once; the next ones when the reader comes to their end. */
const PAGE = 2000;
/** After the last key, and between two looks at a log that grows, milliseconds. */
const PAUSE_MS = 200;
const AGAIN_MS = 3000;

/** A search over the whole log, or the errors in it: how many there are, and the one the reader is at. */
export class LogSearch {
  readonly text = signal('');
  readonly caseSensitive = signal(false);
  readonly found = signal<Found | null>(null);
  readonly busy = signal(false);
  readonly problem = signal<Problem | null>(null);
  /** Number of the match that the reader is at, among those of `found`. */
  readonly at = signal(-1);
  readonly current = computed(() => this.found.value?.matches[this.at.value] ?? null);
  readonly #api: LogApi;
  readonly #kind: 'text' | 'error';
  /** Matches before the first of `found`. */
  #before = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #running = new AbortController();

  constructor(api: LogApi, kind: 'text' | 'error') {
    this.#api = api;
    this.#kind = kind;
  }

  /** Place of the current match among all, from 1; 0 without one. */
  get place(): number {
    return this.at.value === -1 ? 0 : this.#before + this.at.value + 1;
  }

  /** Searches for another text, soon. The match at or behind `line` becomes the current one; `show` is called with it. */
  look(text: string, line: number, show: (line: number) => void): void {
    this.text.value = text;
    clearTimeout(this.#timer);
    this.#running.abort();
    if (text === '') {
      this.found.value = null;
      this.at.value = -1;
      this.busy.value = false;
      return;
    }
    this.busy.value = true;
    this.#timer = setTimeout(() => void this.#go(line, show), PAUSE_MS);
  }

  /** To the next match or the one before, round the ends; searches first where that was not done. */
  async step(by: 1 | -1, line: number, show: (line: number) => void): Promise<void> {
    if (this.found.value === null) {
      await this.#go(line, show);
      return;
    }
    const { count, matches } = this.found.value;
    if (count === 0) return;
    let next = this.at.value + by;
    if (next >= matches.length) {
      const more = this.#before + matches.length < count && matches.length > 0;
      await this.#read(more ? matches.at(-1)!.line + 1 : 0, more ? this.#before + matches.length : 0);
      next = 0;
    } else if (next < 0) {
      if (this.#before > 0) await this.#read(0, 0);
      next = (this.found.value?.matches.length ?? 0) - 1;
    }
    this.at.value = next;
    if (this.current.value !== null) show(this.current.value.line);
  }

  /** The log grew: counts again after a while, without moving the reader. */
  grown(): void {
    if (this.found.value === null || this.#timer !== undefined) return;
    this.#timer = setTimeout(async () => {
      this.#timer = undefined;
      const { current } = this;
      const before = current.value;
      if (this.#before > 0 || !(await this.#read(0, 0))) return;
      this.at.value = this.found.value!.matches.findIndex(
        (match) => match.line === before?.line && match.column === before.column,
      );
    }, AGAIN_MS);
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#running.abort();
  }

  async #go(line: number, show: (line: number) => void): Promise<void> {
    this.#timer = undefined;
    if (!(await this.#read(0, 0))) return;
    const { matches } = this.found.value!;
    const next = matches.findIndex((match) => match.line >= line);
    this.at.value = matches.length === 0 ? -1 : Math.max(0, next);
    if (this.current.value !== null) show(this.current.value.line);
  }

  /** Reads matches from a line on, of which `before` stand before them; false when that failed or was overtaken. */
  async #read(from: number, before: number): Promise<boolean> {
    this.#running.abort();
    const running = new AbortController();
    this.#running = running;
    this.busy.value = true;
    const what =
      this.#kind === 'error'
        ? { kind: 'error' }
        : { q: this.text.value, case_sensitive: this.caseSensitive.value };
    const result = await this.#api.search({ ...what, from, limit: PAGE }, running.signal);
    if (running.signal.aborted) return false;
    this.busy.value = false;
    this.problem.value = result.ok ? null : result.problem;
    if (!result.ok) return false;
    this.#before = before;
    this.found.value = result.value;
    return true;
  }
}
