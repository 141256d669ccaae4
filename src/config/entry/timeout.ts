import { parseDuration } from '../duration.ts';
import { aDuration, withinLimit } from './check.ts';
import type { Entry } from './entry.ts';
import { checkConfig } from './keys.ts';

const MONTH_SECONDS = 30 * 86_400;
const belowAMonth = withinLimit((seconds) => seconds < MONTH_SECONDS);

/** `timeout` in whole seconds: a duration below a month, and a string: `timeout: 60` is refused (ci-yaml 7, 12.2). */
export function readTimeout(entry: Entry): number | null {
  checkConfig(entry, aDuration);
  checkConfig(entry, belowAMonth);
  const seconds = typeof entry.value === 'string' ? parseDuration(entry.value) : null;
  return seconds === null ? null : Math.trunc(seconds);
}
