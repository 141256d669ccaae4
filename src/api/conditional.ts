import { refuse } from './errors.ts';
import type { Call } from './route.ts';

/**
 * Throws `Refused` with 412 when the record changed after the time that a DELETE says it knows (rest-resources 0.3).
 * `updatedAt` in milliseconds; the header has whole seconds. Without the header, or with one that is no date, nothing
 * is asked.
 */
export function refuseIfChanged(call: Pick<Call, 'request'>, updatedAt: number): void {
  const known = Date.parse(call.request.headers['if-unmodified-since'] ?? '');
  if (!Number.isNaN(known) && Math.floor(updatedAt / 1000) * 1000 > known) throw refuse.preconditionFailed();
}
