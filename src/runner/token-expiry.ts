import type { Reading } from '../db/transaction.ts';
import { instanceSettings } from '../project/instance-settings.ts';
import type { RunnerType } from '../queue/match.ts';

/** The setting that says how long tokens of runners of a type are good, seconds. */
const SETTING_OF = {
  instance_type: 'runner_token_expiration_interval',
  group_type: 'group_runner_token_expiration_interval',
  project_type: 'project_runner_token_expiration_interval',
} as const satisfies Record<RunnerType, string>;

/**
 * When a token that is made now dies, milliseconds; null: never. A runner gets itself a new one in time (runner-api 1); a
 * setting that changes leaves the tokens that are out alone.
 */
export async function tokenExpiry(reading: Reading, type: RunnerType, now: number): Promise<number | null> {
  const seconds = (await instanceSettings(reading))[SETTING_OF[type]];
  return seconds === null ? null : now + seconds * 1000;
}
