/** A section as `…/trace/index` tells it: lines count from 0, times are Unix seconds. */
export interface Section {
  name: string;
  header: string;
  first_line: number;
  /** Null while it goes on. */
  last_line: number | null;
  started_at: number;
  finished_at: number | null;
  collapsed: boolean;
  hide_duration: boolean;
}

/** A section in its place. */
export interface PlacedSection extends Section {
  /** Sections around it. */
  depth: number;
  /** The last line it has now. */
  last: number;
  /** The innermost section around it. */
  parent: PlacedSection | null;
}

/** Sections in order of their beginning, each with its place among the others; one that reaches out of its parent is cut there. */
export function placeSections(sections: readonly Section[], lines: number): PlacedSection[] {
  const placed: PlacedSection[] = [];
  const open: PlacedSection[] = [];
  for (const section of sections) {
    while (open.length > 0 && section.first_line > open.at(-1)!.last) open.pop();
    const parent = open.at(-1) ?? null;
    const end = section.last_line ?? lines - 1;
    const last = Math.max(section.first_line, Math.min(end, parent?.last ?? Number.POSITIVE_INFINITY));
    const one = { ...section, depth: open.length, last, parent };
    placed.push(one);
    open.push(one);
  }
  return placed;
}

/** What a runner does around the script: nobody comes to a log for these as long as they pass. */
const CHORES =
  /^(prepare_executor|prepare_script|get_sources|restore_cache|download_artifacts|archive_cache|upload_artifacts|cleanup|resolve_secrets)/;

/**
 * The sections that are shut when the log is opened: those whose script said so, and of a job that is over those that passed, but for
 * what the job was for. The failing one, where the log stopped, stays open with all around it.
 */
export function initiallyShut(
  placed: readonly PlacedSection[],
  job: { over: boolean; failed: boolean },
): Set<number> {
  const shut = new Set<number>();
  const failing = job.failed ? failingSection(placed) : null;
  const around = new Set<PlacedSection>();
  for (let one = failing; one !== null; one = one.parent) around.add(one);
  for (const section of placed) {
    if (around.has(section)) continue;
    const passed = job.over && section.last_line !== null;
    if (section.collapsed || (passed && (CHORES.test(section.name) || section.parent !== null))) {
      shut.add(section.first_line);
    }
  }
  return shut;
}

/** Lines that a script may print behind the end of the section in which it failed. */
const LAST_WORDS = 3;

/**
 * Where a failed job stopped: the section that never ended, else the script's, else the last; and in it the one that it ended with, and
 * so on.
 */
function failingSection(placed: readonly PlacedSection[]): PlacedSection | null {
  let failing =
    placed.findLast((section) => section.last_line === null) ??
    placed.findLast((section) => /^(step_|build_)?script$/.test(section.name)) ??
    placed.at(-1);
  for (let inner = failing; inner !== undefined; ) {
    failing = inner;
    const around = inner;
    inner = placed.findLast(({ parent, last }) => parent === around && last >= around.last - LAST_WORDS);
  }
  return failing ?? null;
}

/** Lines that are shown, counted as rows: line and row differ by what shut sections hide. */
export class Rows {
  readonly count: number;
  /** Hidden stretches, apart from each other and in order: lines `from` to `to`, with how many were hidden before. */
  readonly #hidden: { from: number; to: number; before: number }[] = [];

  constructor(lines: number, placed: readonly PlacedSection[], shut: ReadonlySet<number>) {
    let before = 0;
    for (const { first_line: first, last } of placed) {
      if (!shut.has(first) || last <= first) continue;
      const previous = this.#hidden.at(-1);
      if (previous !== undefined && first + 1 <= previous.to) continue;
      this.#hidden.push({ from: first + 1, to: last, before });
      before += last - first;
    }
    this.count = Math.max(0, lines - before);
  }

  lineOf(row: number): number {
    const at = this.#last((hidden) => hidden.from - hidden.before <= row);
    return at === null ? row : row + at.before + at.to - at.from + 1;
  }

  /** The row of a line; of a hidden one that of the section that hides it. */
  rowOf(line: number): number {
    const at = this.#last((hidden) => hidden.from <= line);
    if (at === null) return line;
    return line <= at.to ? at.from - 1 - at.before : line - at.before - (at.to - at.from + 1);
  }

  isHidden(line: number): boolean {
    const at = this.#last((hidden) => hidden.from <= line);
    return at !== null && line <= at.to;
  }

  /** The last stretch for which it is true; true ones come first. */
  #last(isTrue: (hidden: { from: number; to: number; before: number }) => boolean) {
    let [low, high] = [0, this.#hidden.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (isTrue(this.#hidden[middle]!)) low = middle + 1;
      else high = middle;
    }
    return low === 0 ? null : this.#hidden[low - 1]!;
  }
}
