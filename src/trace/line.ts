/**
 * What a line of a log is, for the server that counts and searches lines and for the page that shows them; nothing here needs
 * more than the language. A gitlab-runner may begin each line with a stamp, `2026-01-02T03:04:05.678901Z 00O `, where `+` for the last
 * space continues the line before it (runner-api 4): the newline and the stamp between two such pieces are no part of the line.
 */

/** Characters of a stamp, `+` or space included. */
export const STAMP_LENGTH = 32;

/** The stamp at the beginning of a line; its time is the first group. */
export const STAMP = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z) [\da-f]{2}[OE][ +]/;

/** What joins the pieces of one line. */
export const JOINT = /\n\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z [\da-f]{2}[OE]\+/g;

/** Begin or end of a section, with the return that hides it: kind, Unix seconds, name, options. */
export const SECTION_MARK = /section_(start|end):(\d{1,12}):([\w.-]{1,255})(?:\[([^\]\r\n]{0,200})\])?\r/g;

/**
 * Escape sequences and controls, whole: CSI, then those that carry text (OSC, DCS and their like) up to their end or the
 * line's, then short ones, then what is left. Tabs and carriage returns are not among them.
 */
export const ESCAPE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  /(?:\u001b\[|\u009b)[0-?]*[ -/]*[@-~]|\u001b[\]PX^_][^\u0007\u001b\n]*(?:\u0007|\u001b\\)?|\u001b[ -/]*[0-~]|[\0-\b\v\f\u000e-\u001f\u007f-\u009f]/g;

/**
 * What a reader sees of a line: no stamps, section marks or escape sequences, and of what carriage returns wrote over each
 * other the last that is not blank.
 */
export function visibleText(line: string): string {
  const text = line.replace(STAMP, '').replace(JOINT, '').replace(SECTION_MARK, '').replace(ESCAPE, '');
  return text.includes('\r') ? lastWritten(text.split('\r')) : text;
}

function lastWritten(pieces: string[]): string {
  return pieces.findLast((piece) => piece.trim() !== '') ?? pieces.at(-1) ?? '';
}

/** `9` is a digit, `h` a hexadecimal one, `T` O or E, the rest itself. */
const SHAPE = '9999-99-99T99:99:99.999999Z hhS+';
const PLUS = 0x2b;

/**
 * What the newline at `at` does: ends a line, joins two pieces of one, or `undecided` when the bytes end before the stamp
 * that may follow.
 */
export function newlineAt(bytes: Uint8Array, at: number): 'end' | 'joint' | 'undecided' {
  const following = bytes.length - at - 1;
  if (following < STAMP_LENGTH) return hasShape(bytes, at + 1, following) ? 'undecided' : 'end';
  return bytes[at + STAMP_LENGTH] === PLUS && hasShape(bytes, at + 1, STAMP_LENGTH) ? 'joint' : 'end';
}

function hasShape(bytes: Uint8Array, from: number, length: number): boolean {
  for (let i = 0; i < length; i++) {
    const byte = bytes[from + i]!;
    const digit = byte >= 0x30 && byte <= 0x39;
    switch (SHAPE[i]) {
      case '9':
        if (!digit) return false;
        break;
      case 'h':
        if (!digit && !(byte >= 0x61 && byte <= 0x66)) return false;
        break;
      case 'S':
        if (byte !== 0x4f && byte !== 0x45) return false;
        break;
      default:
        if (byte !== SHAPE.charCodeAt(i)) return false;
    }
  }
  return true;
}
