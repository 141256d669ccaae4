import { ESCAPE, JOINT } from './line.ts';
import type { Pattern } from './search.ts';

/** A plain text; without `caseSensitive` letters match in either case. */
export function plainText(text: string, caseSensitive: boolean): Pattern {
  const folded = (from: string) => (caseSensitive ? from : from.toLowerCase());
  const wanted = folded(text);
  return {
    may: (lines) => folded(lines.replace(JOINT, '').replace(ESCAPE, '')).includes(wanted),
    columns(visible) {
      const columns: number[] = [];
      const line = folded(visible);
      for (let at = line.indexOf(wanted); at !== -1; at = line.indexOf(wanted, at + wanted.length))
        columns.push(at);
      return columns;
    },
  };
}

/**
 * Lines that look like errors: one of the words error, fatal, fail, failed, failure, exception, panic, traceback or `ERR!`
 * stands in it, in any case, or a name that ends in Error or Exception. It does not count as part of a longer name or
 * path (`error-pages`, `lib/error.js`), behind `no`, `0`, `without` or `if`, nor before `: 0` or `=0`. One match a line.
 */
export const errors: Pattern = {
  may: (lines) => /err|fatal|fail|exception|panic|traceback/i.test(lines.replace(ESCAPE, '')),
  columns(visible) {
    const found = ERROR.exec(visible);
    return found === null ? [] : [found.index];
  },
};

const ERROR =
  /(?<![\w./-])(?<!\b(?:no|No|0|without|if) )(?:(?:[A-Za-z_]+\.)*[A-Za-z]*(?:Error|Exception)|(?i:errors?|exceptions?|failures?|fatal|fail|failed|panic|traceback|err!))(?![\w-]|[./]\w|\s*[:=]\s*0\b)/;
