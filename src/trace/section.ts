/** A part of a log that the runner or a script marked (runner-api 4). Offsets are bytes, lines count from 0, times are Unix seconds. */
export interface Section {
  name: string;
  /** What stood in brackets behind the name, as `collapsed=true`. */
  options: string;
  startedAt: number;
  /** Null when the log ended first. */
  endedAt: number | null;
  startOffset: number;
  endOffset: number | null;
  startLine: number;
  endLine: number | null;
}

/** The index kept beside an archived trace: every `every`-th line's offset, and the sections in order of their start. */
export interface TraceIndex {
  size: number;
  /** Newlines, plus one for a last line without one. */
  lines: number;
  every: number;
  offsets: number[];
  sections: Section[];
}

const LINES_PER_OFFSET = 1000;
const MAX_SECTIONS = 10_000;
/** A marker longer than this is text. */
const MAX_MARKER = 512;
const MARKER = /^section_(start|end):(\d{1,12}):([\w.-]{1,255})(?:\[([^\]\r\n]{0,200})\])?\r/;
const NEEDLE = Buffer.from('section_');
const NEWLINE = 10;

/** Builds the index of a trace from its bytes, given in order in slices of any size; markers may cross their borders. */
export class TraceIndexer {
  readonly #offsets: number[] = [0];
  readonly #sections: Section[] = [];
  readonly #open = new Map<string, Section>();
  /** Bytes not yet decided: the beginning of what may be a marker. */
  #rest: Buffer = Buffer.alloc(0);
  /** Offset of the first byte of `#rest`. */
  #offset = 0;
  #newlines = 0;
  #lastByte = NEWLINE;

  add(slice: Buffer): void {
    if (slice.length === 0) return;
    this.#lastByte = slice[slice.length - 1]!;
    this.#scan(this.#rest.length === 0 ? slice : Buffer.concat([this.#rest, slice]), false);
  }

  finish(): TraceIndex {
    this.#scan(this.#rest, true);
    return {
      size: this.#offset,
      lines: this.#newlines + (this.#lastByte === NEWLINE ? 0 : 1),
      every: LINES_PER_OFFSET,
      offsets: this.#offsets,
      sections: this.#sections,
    };
  }

  #scan(bytes: Buffer, last: boolean): void {
    let position = 0;
    for (;;) {
      const found = bytes.indexOf(NEEDLE, position);
      if (found === -1) break;
      if (!last && bytes.length - found < MAX_MARKER) {
        this.#keep(bytes, position, found);
        return;
      }
      this.#countLines(bytes, position, found);
      const marker = MARKER.exec(bytes.toString('latin1', found, found + MAX_MARKER));
      if (marker !== null) this.#mark(marker, this.#offset + found);
      this.#countLines(bytes, found, found + NEEDLE.length);
      position = found + NEEDLE.length;
    }
    this.#keep(bytes, position, last ? bytes.length : Math.max(position, bytes.length - NEEDLE.length + 1));
  }

  /** Counts the lines up to `from` and keeps the rest for the next slice. */
  #keep(bytes: Buffer, position: number, from: number): void {
    this.#countLines(bytes, position, from);
    this.#rest = bytes.subarray(from);
    this.#offset += from;
  }

  #countLines(bytes: Buffer, from: number, to: number): void {
    for (let at = bytes.indexOf(NEWLINE, from); at !== -1 && at < to; at = bytes.indexOf(NEWLINE, at + 1)) {
      this.#newlines++;
      if (this.#newlines % LINES_PER_OFFSET === 0) this.#offsets.push(this.#offset + at + 1);
    }
  }

  #mark([, kind, time, name, options]: RegExpExecArray, offset: number): void {
    if (kind === 'end') {
      const section = this.#open.get(name!);
      this.#open.delete(name!);
      if (section !== undefined) {
        Object.assign(section, { endedAt: Number(time), endOffset: offset, endLine: this.#newlines });
      }
      return;
    }
    if (this.#sections.length === MAX_SECTIONS) return;
    const section: Section = {
      name: name!,
      options: options ?? '',
      startedAt: Number(time),
      endedAt: null,
      startOffset: offset,
      endOffset: null,
      startLine: this.#newlines,
      endLine: null,
    };
    this.#sections.push(section);
    this.#open.set(section.name, section);
  }
}
