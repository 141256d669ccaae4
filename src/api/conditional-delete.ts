import { refuse } from './errors.ts';
import type { Call } from './route.ts';

/** `If-Unmodified-Since`: 412 for a record that changed after that time (rest-resources 0.3). `updatedAt` is milliseconds. */
export function refuseStale(call: Pick<Call, 'request'>, updatedAt: number): void {
  const header = call.request.headers['if-unmodified-since'];
  if (typeof header !== 'string') return;
  const limit = Date.parse(header);
  // The header counts whole seconds.
  if (!Number.isNaN(limit) && Math.floor(updatedAt / 1000) * 1000 > limit) throw refuse.preconditionFailed();
}
