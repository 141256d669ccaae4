import { Cron } from 'croner';
import { zoneOf } from './zone-names.ts';

const CRON = /^(@\w+|\S+(\s+\S+){4})$/;

/**
 * When a cron expression of five fields (or `@daily` and its like) is next due in a time zone, strictly after `after`. Null
 * when it is never due, or not valid. Milliseconds.
 */
export function nextRun(cron: string, timezone: string, after: number): number | null {
  if (!CRON.test(cron.trim())) return null;
  try {
    const pattern = new Cron(cron.trim(), { timezone: zoneOf(timezone), mode: '5-part', paused: true });
    return pattern.nextRun(new Date(after))?.getTime() ?? null;
  } catch {
    return null;
  }
}

/** When it was last due, at `before` or earlier. Null when it never was, or is not valid. Milliseconds. */
export function lastRun(cron: string, timezone: string, before: number): number | null {
  if (!CRON.test(cron.trim())) return null;
  try {
    const pattern = new Cron(cron.trim(), { timezone: zoneOf(timezone), mode: '5-part', paused: true });
    const [last] = pattern.previousRuns(1, new Date(before + 1000));
    return last?.getTime() ?? null;
  } catch {
    return null;
  }
}

/** Whether times can be told in this zone. */
export function isTimezone(timezone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zoneOf(timezone) });
    return true;
  } catch {
    return false;
  }
}
