import type { FreezePeriod } from '../../pipeline/freeze-period.ts';
import { isoTime } from './time.ts';

/** A freeze period (rest-resources 9.5). */
export function freezePeriodEntity(period: FreezePeriod) {
  return {
    id: period.id,
    freeze_start: period.freeze_start,
    freeze_end: period.freeze_end,
    cron_timezone: period.cron_timezone,
    created_at: isoTime(period.created_at),
    updated_at: isoTime(period.updated_at),
  };
}
