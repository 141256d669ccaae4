/** Tables of the room `cron`: only `cron/queries.ts` writes them. */
import type { Millis } from './columns.ts';

/** One row per periodic duty: claimed by the process that runs it. */
export interface DutiesTable {
  name: string;
  last_run_at: Millis;
  /** A claim that is older than this may be taken over. */
  claimed_until: Millis;
}
