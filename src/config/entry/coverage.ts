import { aPattern, patternSource } from './check.ts';
import type { Entry } from './entry.ts';
import { checkConfig } from './keys.ts';

/** `coverage`: a pattern between slashes, kept without them (ci-yaml 7). */
export function readCoverage(entry: Entry): string | null {
  checkConfig(entry, aPattern);
  return patternSource(entry.value);
}
