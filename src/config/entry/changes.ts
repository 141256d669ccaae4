import type { ChangesClause } from '../compiled.ts';
import { aString, firstOf, must, stringList } from './check.ts';
import type { Entry } from './entry.ts';
import { allowKeys, checkAttributes, checkConfig, requireKeys } from './keys.ts';
import { text, texts } from './value.ts';

const MAX_PATTERNS = 50;

/** At most fifty patterns, of `changes` or `exists` (ci-yaml 10.3). */
export const patternList = firstOf(
  stringList,
  must(
    (value) => Array.isArray(value) && value.length <= MAX_PATTERNS,
    `has too many entries (maximum ${MAX_PATTERNS})`,
  ),
);

/** `rules:changes`: a list of patterns, or `{paths, compare_to}`. */
export function readChanges(entry: Entry): ChangesClause {
  if (Array.isArray(entry.value)) {
    checkConfig(entry, patternList);
    return { paths: texts(entry.value), compareTo: null };
  }
  if (!(entry.value instanceof Map)) {
    entry.kindError('should be an array or a hash');
    return { paths: [], compareTo: null };
  }
  allowKeys(entry, ['paths', 'compare_to']);
  requireKeys(entry, ['paths']);
  checkAttributes(entry, { paths: patternList, compare_to: aString });
  return { paths: texts(entry.get('paths')), compareTo: text(entry.get('compare_to')) };
}
