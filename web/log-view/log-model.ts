import { computed, effect, signal } from '@preact/signals';
import type { LineRange } from './line-link.ts';
import { LogSearch } from './log-search.ts';
import { LogSource } from './log-source.ts';
import { initiallyShut, type PlacedSection, placeSections, Rows } from './sections.ts';
import { stored } from './stored.ts';
import { Viewport } from './viewport.ts';

/** The job whose log is looked at. */
export interface LoggedJob {
  projectId: number;
  id: number;
  name: string;
  over: boolean;
  failed: boolean;
  /** Milliseconds; null before it ran. */
  startedAt: number | null;
}

/** How lines are shown, in this browser. */
export const wrapping = stored('wrap', ['on', 'off']);
export const timestamps = stored('timestamps', ['off', 'relative', 'absolute']);

/** One log that is looked at: what is at hand, which sections are shut, what is in sight, found and selected. */
export class LogModel {
  readonly source: LogSource;
  readonly view = new Viewport();
  readonly search: LogSearch;
  readonly errors: LogSearch;
  /** Shut sections by their first lines. */
  readonly shut = signal<ReadonlySet<number>>(new Set());
  readonly selected = signal<LineRange | null>(null);
  readonly lines = computed(() => this.source.index.value?.lines ?? 0);
  readonly sections = computed(() =>
    placeSections(this.source.index.value?.sections ?? [], this.lines.value),
  );
  /** The innermost section that begins on a line. */
  readonly sectionAt = computed(
    () => new Map(this.sections.value.map((section) => [section.first_line, section])),
  );
  readonly rows = computed(() => new Rows(this.lines.value, this.sections.value, this.shut.value));
  readonly #job: LoggedJob;
  readonly #stop: (() => void)[] = [];
  readonly #seen = new Set<number>();
  #opened = false;

  constructor(job: LoggedJob, selected: LineRange | null) {
    this.#job = job;
    this.selected.value = selected;
    this.source = new LogSource(job.projectId, job.id, job.over && !job.failed && selected === null);
    this.search = new LogSearch(this.source.api, 'text');
    this.errors = new LogSearch(this.source.api, 'error');
    this.#stop.push(
      effect(() => this.#shutNew(this.sections.value)),
      effect(() => this.#arrange()),
      effect(() => this.#fetch()),
    );
  }

  close(): void {
    for (const stop of this.#stop) stop();
    this.source.close();
    this.search.close();
    this.errors.close();
  }

  /** The line at the upper edge. */
  get topLine(): number {
    return this.rows.value.lineOf(this.view.topRow.value);
  }

  toggle(section: PlacedSection): void {
    const shut = new Set(this.shut.value);
    if (!shut.delete(section.first_line)) shut.add(section.first_line);
    this.shut.value = shut;
  }

  /** Shuts all sections, or opens them when all are shut. */
  toggleAll(): void {
    const all = this.sections.value.map((section) => section.first_line);
    this.shut.value = all.every((line) => this.shut.value.has(line)) ? new Set() : new Set(all);
  }

  /** Brings a line into sight, out of sections that are shut. */
  readonly show = (line: number): void => {
    if (this.rows.value.isHidden(line)) {
      const around = this.sections.value.filter(
        (section) => section.first_line < line && line <= section.last,
      );
      const shut = new Set(this.shut.value);
      for (const section of around) shut.delete(section.first_line);
      this.shut.value = shut;
    }
    this.view.show(this.rows.value.rowOf(line));
  };

  /** Sections of which nobody decided yet whether they are shut. */
  #shutNew(sections: readonly PlacedSection[]): void {
    if (this.source.index.peek() === null) return;
    const fresh = sections.filter((section) => !this.#seen.has(section.first_line));
    if (fresh.length === 0) return;
    const first = this.#seen.size === 0;
    const shut = initiallyShut(sections, first ? this.#job : { over: false, failed: false });
    for (const section of fresh) this.#seen.add(section.first_line);
    const now = this.shut.peek();
    const more = fresh.filter((section) => shut.has(section.first_line) && !now.has(section.first_line));
    if (more.length > 0) this.shut.value = new Set([...now, ...more.map((section) => section.first_line)]);
  }

  #before: { rows: Rows; shut: ReadonlySet<number>; sections: number } | null = null;

  /** Other rows are shown now: what is at the upper edge stays there. */
  #arrange(): void {
    const rows = this.rows.value;
    const shut = this.shut.value;
    const sections = this.sections.value.length;
    const { index } = this.source;
    if (index.value === null) return;
    const before = this.#before;
    this.#before = { rows, shut, sections };
    if (before === null || (before.shut === shut && (shut.size === 0 || before.sections === sections))) {
      this.view.grow(rows.count);
    } else this.view.replace(rows.count, rows.rowOf(before.rows.lineOf(this.view.topRow.peek())));
    if (this.#opened) return;
    this.#opened = true;
    if (this.selected.peek() !== null) this.show(this.selected.peek()!.first);
    else if (!index.peek()!.ended || this.#job.failed) this.view.follow();
  }

  #fetch(): void {
    const { first, last } = this.view.window.value;
    const rows = this.rows.value;
    void this.source.changes.value;
    const lines: number[] = [];
    for (let row = first; row <= Math.min(last, rows.count - 1); row++) lines.push(rows.lineOf(row));
    this.source.want(lines);
  }
}
