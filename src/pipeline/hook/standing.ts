/** How a hook stands after its last deliveries. Milliseconds. */
export interface Standing {
  /** Failures since the last success. */
  recentFailures: number;
  disabledUntil: number | null;
}

export type AlertStatus = 'executable' | 'temporarily_disabled' | 'disabled';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
/** Failures in a row that do nothing yet. */
const FREE_FAILURES = 3;
/** The failure in a row after which a hook is given up. */
const LAST_FAILURE = 40;

/** What one delivery does to a hook's standing (rest-resources 10.3). */
export function afterDelivery(standing: Standing, success: boolean, now: number): Standing {
  if (success) return { recentFailures: 0, disabledUntil: null };
  const recentFailures = Math.min(standing.recentFailures + 1, LAST_FAILURE);
  if (recentFailures >= LAST_FAILURE) return { recentFailures, disabledUntil: null };
  if (recentFailures <= FREE_FAILURES) return { recentFailures, disabledUntil: null };
  const pause = Math.min(MINUTE_MS * 2 ** (recentFailures - FREE_FAILURES - 1), DAY_MS);
  return { recentFailures, disabledUntil: now + pause };
}

/** Whether a hook is sent anything. */
export function alertStatus(standing: Standing, now: number): AlertStatus {
  if (standing.recentFailures >= LAST_FAILURE) return 'disabled';
  return standing.disabledUntil !== null && standing.disabledUntil > now
    ? 'temporarily_disabled'
    : 'executable';
}
