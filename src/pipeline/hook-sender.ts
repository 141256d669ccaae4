import { type DeliveryDeps, deliver, removeEvents } from './hook-delivery.ts';
import { HOOKS } from './hook-events.ts';
import { forgetEvents, hooksWithEvents, waitingEvents } from './queries/hook-events.ts';
import { claimHook, holdHook, hookRow, releaseHooks } from './queries/hooks.ts';

/** Hooks that are sent to at the same time. */
const MAX_LANES = 16;
/** Events that are read at once. */
const BATCH = 20;
/** A process that holds a hook says so again before each event; longer than a request may take, milliseconds. */
const LEASE_MS = 30_000;
/** How long an end waits for requests under way, milliseconds. */
const END_MS = 3000;
/** The log reaches back so far, milliseconds. */
const KEPT_MS = 7 * 24 * 3600_000;

/**
 * Sends what hooks have to tell (security REL-21): each hook its events one after the other, hooks beside each other, on one
 * process at a time. An event is closed after its request, so that a killed process leaves it to be sent again. Woken by the
 * commit that wrote an event, and by a duty.
 */
export class HookSender {
  readonly #deps: DeliveryDeps;
  readonly #onError: (error: unknown) => void;
  readonly #lanes = new Map<number, Promise<void>>();
  readonly #unsubscribe: () => void;
  #looking: Promise<void> | null = null;
  #again = false;
  #closed = false;

  constructor(deps: DeliveryDeps, onError: (error: unknown) => void) {
    this.#deps = deps;
    this.#onError = onError;
    this.#unsubscribe = deps.db.notifications.subscribe(HOOKS, () => this.wake());
  }

  /** Looks for hooks with events, soon. */
  wake(): void {
    this.#again = true;
    if (this.#looking !== null || this.#closed) return;
    this.#looking = this.#look()
      .catch((error: unknown) => this.#report(error))
      .finally(() => {
        this.#looking = null;
        if (this.#again && !this.#closed) this.wake();
      });
  }

  /** Resolves when nothing is being sent, for tests and the end. */
  async idle(): Promise<void> {
    while (this.#looking !== null || this.#lanes.size > 0) {
      await this.#looking;
      await Promise.all(this.#lanes.values());
    }
  }

  /** Takes no more events and waits a moment for requests under way; what is not closed by then is sent again. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#unsubscribe();
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, END_MS);
    await Promise.race([this.idle(), promise]);
    clearTimeout(timer);
  }

  async #look(): Promise<void> {
    this.#again = false;
    for (const hookId of await hooksWithEvents(this.#deps.db.read, 1000)) {
      if (this.#closed || this.#lanes.size >= MAX_LANES) return;
      if (this.#lanes.has(hookId)) continue;
      const lane = this.#send(hookId)
        .catch((error: unknown) => {
          this.#report(error);
          return false;
        })
        .then((sent) => {
          this.#lanes.delete(hookId);
          // What another process holds, or could not be written down, waits for the duty.
          if (sent) this.wake();
        });
      this.#lanes.set(hookId, lane);
    }
  }

  /** Sends all that a hook has to tell; false when that is another process' business. */
  async #send(hookId: number): Promise<boolean> {
    const { db, clock } = this.#deps;
    const now = clock();
    let heldUntil = now + LEASE_MS;
    if (!(await db.transaction((tx) => claimHook(tx, hookId, now, heldUntil)))) {
      if ((await hookRow(db.read, hookId)) === undefined) await removeEvents(this.#deps, hookId);
      return false;
    }
    const hold = async (until: number) => {
      const kept = await db.transaction((tx) => holdHook(tx, hookId, heldUntil, until));
      heldUntil = until;
      return kept;
    };
    for (;;) {
      const events = this.#closed ? [] : await waitingEvents(db.read, hookId, BATCH);
      if (events.length === 0) break;
      for (const event of events) {
        if (this.#closed) break;
        if (heldUntil - clock() < LEASE_MS / 2 && !(await hold(clock() + LEASE_MS))) return false;
        await deliver(this.#deps, event);
      }
    }
    return hold(0);
  }

  #report(error: unknown): void {
    if (!this.#closed) this.#onError(error);
  }
}

/** Hooks that a dead process held are free again. Call on a server that is alone with its database. */
export async function releaseHeldHooks({ db }: Pick<DeliveryDeps, 'db'>): Promise<void> {
  await db.transaction((tx) => releaseHooks(tx));
}

/** Forgets what was sent longer ago than the log reaches back. `now` in milliseconds. */
export async function forgetHookEvents({ db }: Pick<DeliveryDeps, 'db'>, now: number): Promise<void> {
  await db.transaction((tx) => forgetEvents(tx, now - KEPT_MS, 5000));
}
