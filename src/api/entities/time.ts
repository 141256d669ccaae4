/** A time as GitLab prints it: ISO 8601, UTC, milliseconds; null stays null. */
export function isoTime(millis: number): string;
export function isoTime(millis: number | null): string | null;
export function isoTime(millis: number | null): string | null {
  return millis === null ? null : new Date(millis).toISOString();
}

/** Milliseconds from `start` to `end`, or to `now` while there is no end, as seconds with fraction; null without a start. */
export function secondsBetween(start: number | null, end: number | null, now: number): number | null {
  return start === null ? null : ((end ?? now) - start) / 1000;
}
