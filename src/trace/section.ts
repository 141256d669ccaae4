import type { Arrival } from './arrivals.ts';
import { newlineAt, SECTION_MARK, STAMP_LENGTH, visibleText } from './line.ts';

/** A part of a log that the runner or a script marked (runner-api 4). Offsets are bytes, lines count from 0, times are Unix seconds. */
export interface Section {
  name: string;
  /** What stood in brackets behind the name, as `collapsed=true`. */
  options: string;
  /** What a reader sees of the line that begins it. */
  header: string;
  startedAt: number;
  /** Null when the log ended first. */
  endedAt: number | null;
  startOffset: number;
  firstLine: number;
  /** The last line that belongs to it: not the line of its end where that shows something else. */
  lastLine: number | null;
}

/** The index of a log: where some of its lines begin, and its sections in order of their start. */
export interface TraceIndex {
  size: number;
  /** Lines that have ended, and one more for what follows the last of them. */
  lines: number;
  /** Line and offset of places not far apart, from the beginning: any line is a short way behind one of them. */
  marks: [line: number, offset: number][];
  sections: Section[];
  /** When its bytes arrived; of an archived log. */
  times?: Arrival[];
}

/** A place is noted at the first line that begins so many lines or bytes behind the one before. */
const LINES_PER_MARK = 1000;
const BYTES_PER_MARK = 256 * 1024;
const MAX_SECTIONS = 10_000;
/** A marker longer than this is text; of a header that is longer only so much is kept. Bytes. */
const MAX_MARKER = 512;
const MAX_HEADER = 512;
const MARKER = new RegExp(`^${SECTION_MARK.source}`);
const NEEDLE = Buffer.from('section_');
const NEWLINE = 10;

/** Builds the index of a log from its bytes, given in order in slices of any size; markers and stamps may cross their borders. */
export class TraceIndexer {
  readonly #marks: [number, number][] = [[0, 0]];
  readonly #sections: Section[] = [];
  readonly #open = new Map<string, Section>();
  /** Bytes not yet decided: the beginning of what may be a marker or a stamp. */
  #rest: Buffer = Buffer.alloc(0);
  /** Offset of the first byte of `#rest`. */
  #offset = 0;
  #lines = 0;
  #lineStart = 0;
  /** The beginning of what stands on the line since its start or its last marker. */
  #piece = '';
  /** The section whose header is `#piece`. */
  #starting: Section | null = null;
  /** Sections that ended on this line. */
  #ending: Section[] = [];

  add(slice: Buffer): void {
    if (slice.length > 0)
      this.#scan(this.#rest.length === 0 ? slice : Buffer.concat([this.#rest, slice]), false);
  }

  /** The index of all that was added; for a log that is whole. */
  finish(): TraceIndex {
    this.#scan(this.#rest, true);
    this.#settle(false);
    return this.soFar();
  }

  /** The index of what was added so far. It shares its parts with the indexer: not to be changed, nor kept while more is added. */
  soFar(): TraceIndex {
    this.#tell(false);
    const size = this.#offset + this.#rest.length;
    const lines = this.#lines + (size > this.#lineStart ? 1 : 0);
    return { size, lines, marks: this.#marks, sections: this.#sections };
  }

  #scan(bytes: Buffer, last: boolean): void {
    let position = 0;
    let marker = bytes.indexOf(NEEDLE);
    let newline = bytes.indexOf(NEWLINE);
    while (marker !== -1 || newline !== -1) {
      if (marker !== -1 && (newline === -1 || marker < newline)) {
        const text = bytes.toString('latin1', marker, marker + MAX_MARKER);
        const found = MARKER.exec(text);
        if (found === null && !last && text.length < MAX_MARKER && !/[\r\n]/.test(text)) {
          this.#keep(bytes, position, marker);
          return;
        }
        if (found !== null) {
          this.#note(bytes, position, marker);
          this.#mark(found, this.#offset + marker);
          position = marker + found[0].length;
        }
        marker = bytes.indexOf(NEEDLE, marker + (found?.[0].length ?? NEEDLE.length));
        continue;
      }
      const kind = newlineAt(bytes, newline);
      if (kind === 'undecided' && !last) {
        this.#keep(bytes, position, newline);
        return;
      }
      this.#note(bytes, position, newline);
      position = newline + 1;
      if (kind === 'joint') position += STAMP_LENGTH;
      else this.#endLine(this.#offset + position);
      newline = bytes.indexOf(NEWLINE, position);
    }
    this.#keep(bytes, position, last ? bytes.length : Math.max(position, bytes.length - NEEDLE.length + 1));
  }

  /** Notes what is decided, up to `from`, and keeps the rest for the next slice. */
  #keep(bytes: Buffer, position: number, from: number): void {
    this.#note(bytes, position, from);
    this.#rest = Buffer.from(bytes.subarray(from));
    this.#offset += from;
  }

  #note(bytes: Buffer, from: number, to: number): void {
    const room = MAX_HEADER - this.#piece.length;
    if (room > 0 && to > from) this.#piece += bytes.toString('latin1', from, Math.min(to, from + room));
  }

  #endLine(next: number): void {
    this.#settle(false);
    this.#lines++;
    this.#lineStart = next;
    const [line, offset] = this.#marks.at(-1)!;
    if (this.#lines - line >= LINES_PER_MARK || next - offset >= BYTES_PER_MARK)
      this.#marks.push([this.#lines, next]);
  }

  /** What was noted since the last marker is now known to be all. */
  #settle(begins: boolean): void {
    this.#tell(begins);
    this.#ending = [];
    this.#starting = null;
    this.#piece = '';
  }

  /** What stands behind the last marker is the header of what began there; it keeps the line from what ended, unless it is blank. */
  #tell(begins: boolean): void {
    if (this.#starting === null && this.#ending.length === 0) return;
    const text = visibleText(Buffer.from(this.#piece, 'latin1').toString('utf8')).trim();
    if (this.#starting !== null) this.#starting.header = text.replace(/\ufffd$/, '');
    if (!begins && text === '') return;
    for (const section of this.#ending) section.lastLine = Math.max(section.firstLine, this.#lines - 1);
  }

  #mark([, kind, time, name, options]: RegExpExecArray, offset: number): void {
    const ended = this.#ending;
    this.#settle(kind === 'start');
    if (kind === 'end') {
      const section = this.#open.get(name!);
      this.#open.delete(name!);
      // Several may end on one line, and what follows the last of them decides for all.
      this.#ending = ended;
      if (section === undefined) return;
      Object.assign(section, { endedAt: Number(time), lastLine: this.#lines });
      this.#ending.push(section);
      return;
    }
    if (this.#sections.length === MAX_SECTIONS) return;
    const section: Section = {
      name: name!,
      options: options ?? '',
      header: '',
      startedAt: Number(time),
      endedAt: null,
      startOffset: offset,
      firstLine: this.#lines,
      lastLine: null,
    };
    this.#sections.push(section);
    this.#open.set(section.name, section);
    this.#starting = section;
  }
}
