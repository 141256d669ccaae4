import { signal } from '@preact/signals';
import { Heights } from './heights.ts';
import { afterScroll, drift, elementHeight, type Scrolled, type Sizes, scrolledTo } from './stretch.ts';

/** Rows that are rendered, and where the first of them stands in the element, in pixels. */
export interface Window {
  first: number;
  last: number;
  top: number;
}

/** Height of a row that is not wrapped: `--log-row` in `log-view.css`. */
export const ROW = 20;
/** Rows are rendered so far above and below what is in sight, pixels. */
const OVERSCAN = 400;
/** Without a scroll for so long nobody notices when the element is put right, milliseconds. */
const IDLE_MS = 150;

/**
 * The scrolled element of a log: which rows are in sight, and whether the end is followed. Following stops when the reader scrolls
 * up, and goes on when they scroll to the end.
 */
export class Viewport {
  readonly window = signal<Window>({ first: 0, last: -1, top: 0 });
  readonly following = signal(false);
  /** The row at the upper edge. */
  readonly topRow = signal(0);
  #heights = new Heights(0, ROW);
  #scrolled: Scrolled = { element: 0, position: 0 };
  #element: HTMLElement | null = null;
  #spacer: HTMLElement | null = null;
  #idle: ReturnType<typeof setTimeout> | undefined;
  #resized: ResizeObserver | null = null;

  /** Takes over an element and the one inside it that is as tall as the log; gives how to let go. */
  attach(element: HTMLElement, spacer: HTMLElement): () => void {
    this.#element = element;
    this.#spacer = spacer;
    const scrolled = () => this.#onScroll();
    element.addEventListener('scroll', scrolled, { passive: true });
    this.#resized = new ResizeObserver(() => this.#place(this.#scrolled.position));
    this.#resized.observe(element);
    this.#place(this.#scrolled.position);
    return () => {
      element.removeEventListener('scroll', scrolled);
      this.#resized?.disconnect();
      clearTimeout(this.#idle);
      this.#element = null;
    };
  }

  /** There are more or fewer rows; what is in sight stays, or the end does while it is followed. */
  grow(count: number): void {
    this.#heights = count >= this.#heights.count ? this.#heights.grownTo(count) : new Heights(count, ROW);
    this.#place(this.following.value ? Number.POSITIVE_INFINITY : this.#scrolled.position);
  }

  /** Other rows, none of them measured: `row` takes the place of the one at the upper edge. */
  replace(count: number, row: number): void {
    const within = this.#scrolled.position - this.#heights.top(this.topRow.value);
    this.#heights = new Heights(count, ROW);
    const same = row * ROW + Math.min(within, ROW);
    this.#place(this.following.value ? Number.POSITIVE_INFINITY : same);
  }

  /** Brings a row into sight, a third from above, unless it is well in sight already. */
  show(row: number): void {
    const [top, view] = [this.#heights.top(row), this.#sizes.view];
    const { position } = this.#scrolled;
    this.following.value = false;
    if (top < position + 2 * ROW || top > position + view - 3 * ROW) this.#place(top - view / 3);
  }

  /** Follows the end from now on: it stays in sight when rows come, or are found to be taller. */
  follow(): void {
    this.following.value = true;
    this.#place(Number.POSITIVE_INFINITY);
  }

  toStart(): void {
    this.following.value = false;
    this.#place(0);
  }

  /** By pages of what is in sight. */
  page(by: 1 | -1): void {
    this.#move(by * (this.#sizes.view - 2 * ROW));
  }

  /** By some lines. */
  step(by: number): void {
    this.#move(by * ROW);
  }

  #move(by: number): void {
    const { total, view } = this.#sizes;
    const position = this.#scrolled.position + by;
    if (by < 0) this.following.value = false;
    else if (position >= total - view - 1) this.following.value = true;
    this.#place(position);
  }

  /** Notes how tall rendered rows are; what is at the upper edge stays there. */
  measure(rows: Iterable<{ row: number; height: number }>): void {
    let [changed, above] = [false, 0];
    const top = this.topRow.value;
    for (const { row, height } of rows) {
      const change = this.#heights.measure(row, height);
      if (change === 0) continue;
      changed = true;
      if (row < top) above += change;
    }
    if (changed)
      this.#place(this.following.value ? Number.POSITIVE_INFINITY : this.#scrolled.position + above);
  }

  get #sizes(): Sizes {
    return { total: this.#heights.total, view: this.#element?.clientHeight ?? 0 };
  }

  #onScroll(): void {
    const element = this.#element!.scrollTop;
    const moved = element - this.#scrolled.element;
    if (Math.abs(moved) < 1) return; // our own
    const sizes = this.#sizes;
    this.#scrolled = afterScroll(element, this.#scrolled, sizes);
    if (moved < 0) this.following.value = false;
    else if (this.#scrolled.position >= sizes.total - sizes.view - ROW) this.following.value = true;
    const near = 2 * sizes.view;
    const end = elementHeight(sizes) - sizes.view;
    if ((element < near || element > end - near) && drift(this.#scrolled, sizes) > 1)
      this.#place(this.#scrolled.position);
    else this.#render();
    clearTimeout(this.#idle);
    this.#idle = setTimeout(() => {
      if (drift(this.#scrolled, this.#sizes) > 1) this.#place(this.#scrolled.position);
    }, IDLE_MS);
  }

  #place(position: number): void {
    if (this.#element === null || this.#spacer === null) return;
    const sizes = this.#sizes;
    this.#spacer.style.height = `${elementHeight(sizes)}px`;
    this.#scrolled = scrolledTo(position, sizes);
    this.#element.scrollTop = this.#scrolled.element;
    // Browsers round: what they made of it is where the next scroll begins.
    this.#scrolled = { ...this.#scrolled, element: this.#element.scrollTop };
    this.#render();
  }

  #render(): void {
    const { position, element } = this.#scrolled;
    const heights = this.#heights;
    const first = heights.rowAt(position - OVERSCAN);
    const last = heights.count === 0 ? -1 : heights.rowAt(position + this.#sizes.view + OVERSCAN);
    const top = heights.top(first) - position + element;
    this.topRow.value = heights.rowAt(position);
    const before = this.window.value;
    if (before.first !== first || before.last !== last || before.top !== top)
      this.window.value = { first, last, top };
  }
}
