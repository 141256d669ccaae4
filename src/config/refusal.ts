import type { ConfigMessage, Position } from './compiled.ts';

/** What a phase of the compiler gives: its result, or the one error that stopped it. */
export type Outcome<T> = { ok: true; value: T } | { ok: false; error: ConfigMessage };

/** Carries a refusal out of a recursive walk; never leaves the phase that raised it. */
class Refusal extends Error {
  readonly error: ConfigMessage;
  constructor(error: ConfigMessage) {
    super(error.message);
    this.error = error;
  }
}

/** Stops the phase at hand with `message`. Only to be called below `attempt` or `attemptAsync`. */
export function refuse(message: string, position?: Position): never {
  throw new Refusal(configError(message, position));
}

/** An error of a configuration as the result carries it. */
export function configError(message: string, position?: Position): ConfigMessage {
  return position === undefined ? { severity: 'error', message } : { severity: 'error', message, position };
}

/** Runs a phase; a refusal inside becomes a value, any other exception is a bug and goes on. */
export function attempt<T>(phase: () => T): Outcome<T> {
  try {
    return { ok: true, value: phase() };
  } catch (error) {
    return asOutcome(error);
  }
}

/** `attempt` for a phase that waits for files. */
export async function attemptAsync<T>(phase: () => Promise<T>): Promise<Outcome<T>> {
  try {
    return { ok: true, value: await phase() };
  } catch (error) {
    return asOutcome(error);
  }
}

/** The value of a step within a phase, or its refusal as the phase's own. */
export function take<T>(outcome: Outcome<T>): T {
  return outcome.ok ? outcome.value : refuse(outcome.error.message, outcome.error.position);
}

function asOutcome(error: unknown): { ok: false; error: ConfigMessage } {
  if (error instanceof Refusal) return { ok: false, error: error.error };
  throw error;
}
