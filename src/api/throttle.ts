import type { Database } from '../db/database.ts';
import type { Caller } from '../project/caller.ts';
import { type InstanceSettings, instanceSettings } from '../project/instance-settings.ts';
import { refuse } from './errors.ts';
import type { RateLimits } from './rate-limit.ts';
import type { Call, RateLimit } from './route.ts';

/** How long a change of the settings may take to be noticed, milliseconds. */
const SETTINGS_AGE_MS = 1000;

/**
 * Limits that the instance's settings decide: those of single routes, and GitLab's throttles over all calls of the API, off
 * until they are switched on. Calls are counted by user or, without one, by address, unless a route says otherwise.
 * The settings are read once a second at most, whatever comes.
 */
export class Throttle {
  readonly #db: Database;
  readonly #limits: RateLimits;
  #settings: Promise<InstanceSettings> | undefined;
  #readAt = Number.NEGATIVE_INFINITY;

  constructor(db: Database, limits: RateLimits) {
    this.#db = db;
    this.#limits = limits;
  }

  /** Counts one call at `now` (ms). Throws `Refused` with 429 and the text of GitLab's throttle. */
  async take(caller: Caller, ip: string, now: number): Promise<void> {
    const settings = await this.#current();
    const name = caller.kind !== 'anonymous' ? 'throttle_authenticated_api' : 'throttle_unauthenticated_api';
    if (!settings[`${name}_enabled`]) return;
    const limit = {
      calls: settings[`${name}_requests_per_period`],
      windowMs: settings[`${name}_period_in_seconds`] * 1000,
    };
    this.#limits.take(name, counted(caller, ip), limit, now, (seconds, headers) =>
      refuse.throttled(seconds, headers),
    );
  }

  /** Counts one call of a route with a limit of its own. Throws `Refused` with 429 (jobs-api 1.1). */
  async takeOne({ bucket, perMinute, by }: RateLimit, call: Call): Promise<void> {
    const limit = typeof perMinute === 'number' ? perMinute : (await this.#current())[perMinute];
    if (limit === 0) return;
    this.#limits.take(bucket, (await by?.(call)) ?? counted(call.caller, call.ip), limit, call.now);
  }

  #current(): Promise<InstanceSettings> {
    const now = performance.now();
    if (this.#settings === undefined || now - this.#readAt > SETTINGS_AGE_MS) {
      this.#readAt = now;
      this.#settings = instanceSettings(this.#db.read);
      // A read that failed is tried again by the next call.
      this.#settings.catch(() => {
        this.#settings = undefined;
      });
    }
    return this.#settings;
  }
}

function counted(caller: Caller, ip: string): string {
  return caller.kind === 'anonymous' ? ip : `u${caller.user.id}`;
}
