/** How text looks, as far as SGR sequences say. Colours are numbers of the 256 that terminals know; null is the page's own. */
export interface Style {
  foreground: number | null;
  background: number | null;
  bold: boolean;
  faint: boolean;
  italic: boolean;
  underline: boolean;
  strike: boolean;
  inverse: boolean;
}

export const PLAIN: Style = {
  foreground: null,
  background: null,
  bold: false,
  faint: false,
  italic: false,
  underline: false,
  strike: false,
  inverse: false,
};

const SWITCHES: Readonly<Record<number, Partial<Style>>> = {
  1: { bold: true },
  2: { faint: true },
  3: { italic: true },
  4: { underline: true },
  7: { inverse: true },
  9: { strike: true },
  21: { underline: true },
  22: { bold: false, faint: false },
  23: { italic: false },
  24: { underline: false },
  27: { inverse: false },
  29: { strike: false },
  39: { foreground: null },
  49: { background: null },
};

/** The style after a sequence whose parameters are `params`, such as `1;38;5;208`; what is not known changes nothing. */
export function applySgr(style: Style, params: string): Style {
  let next = style;
  const codes = params.split(';');
  for (let at = 0; at < codes.length; at++) {
    const [code, ...details] = codes[at]!.split(':').map(Number);
    if (code === 0) next = PLAIN;
    else if (code === 4 && details[0] === 0) next = { ...next, underline: false };
    else if (code === 38 || code === 48) {
      const given = details.length > 0 ? details : codes.slice(at + 1, at + 5).map(Number);
      const colour = extendedColour(given, details.length > 0);
      if (details.length === 0) at += given[0] === 5 ? 2 : given[0] === 2 ? 4 : 0;
      if (colour !== null) next = { ...next, [code === 38 ? 'foreground' : 'background']: colour };
    } else next = { ...next, ...(SWITCHES[code!] ?? basicColour(code!)) };
  }
  return next;
}

function basicColour(code: number): Partial<Style> {
  if (code >= 30 && code <= 37) return { foreground: code - 30 };
  if (code >= 40 && code <= 47) return { background: code - 40 };
  if (code >= 90 && code <= 97) return { foreground: code - 82 };
  if (code >= 100 && code <= 107) return { background: code - 92 };
  return {};
}

/** `5;n` or `2;r;g;b`; with colons a colour space may stand before r. */
function extendedColour(given: number[], colons: boolean): number | null {
  const [kind, ...values] = given;
  if (kind === 5) return isByte(values[0]) ? values[0]! : null;
  if (kind !== 2) return null;
  const rgb = colons && values.length > 3 ? values.slice(1, 4) : values.slice(0, 3);
  return rgb.length === 3 && rgb.every(isByte) ? nearest(rgb[0]!, rgb[1]!, rgb[2]!) : null;
}

function isByte(value: number | undefined): boolean {
  return value !== undefined && Number.isInteger(value) && value >= 0 && value <= 255;
}

/** Levels of the colour cube, 16 to 231. */
const LEVELS = [0, 95, 135, 175, 215, 255];

/** The one of the colours 16 to 255 that a true colour comes nearest to. */
export function nearest(r: number, g: number, b: number): number {
  const [ri, gi, bi] = [nearestLevel(r), nearestLevel(g), nearestLevel(b)];
  const cube = 16 + 36 * ri + 6 * gi + bi;
  const grey = 232 + Math.max(0, Math.min(23, Math.round(((r + g + b) / 3 - 8) / 10)));
  return distance(rgbOf(grey), [r, g, b]) < distance(rgbOf(cube), [r, g, b]) ? grey : cube;
}

function nearestLevel(value: number): number {
  let best = 0;
  for (const [index, level] of LEVELS.entries()) {
    if (Math.abs(level - value) < Math.abs(LEVELS[best]! - value)) best = index;
  }
  return best;
}

function distance(one: readonly number[], other: readonly number[]): number {
  return one.reduce((sum, value, index) => sum + (value - other[index]!) ** 2, 0);
}

/** Red, green and blue of the colours 16 to 255. */
export function rgbOf(colour: number): [number, number, number] {
  if (colour >= 232) {
    const level = 8 + 10 * (colour - 232);
    return [level, level, level];
  }
  const index = colour - 16;
  return [LEVELS[Math.floor(index / 36)]!, LEVELS[Math.floor(index / 6) % 6]!, LEVELS[index % 6]!];
}

/** The classes of a style: `palette.ts` and `log-view.css` have a rule for each, and there are no others. */
export function classesOf(style: Style): string {
  const classes: string[] = [];
  const { foreground, background } = style;
  if (style.inverse) classes.push(`fg-${background ?? 'ground'}`, `bg-${foreground ?? 'text'}`);
  else {
    if (foreground !== null) classes.push(`fg-${foreground}`);
    if (background !== null) classes.push(`bg-${background}`);
  }
  for (const name of ['bold', 'faint', 'italic', 'underline', 'strike'] as const) {
    if (style[name]) classes.push(`is-${name}`);
  }
  return classes.join(' ');
}
