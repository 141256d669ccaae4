import type { Reading } from '../db/transaction.ts';
import { isPassword } from './password.ts';
import { userRowByLogin } from './queries/users.ts';
import { type User, userOfRow } from './user.ts';

const MAX_FAILURES = 5;
const WINDOW_MS = 10 * 60_000;
/** Accounts remembered at once; beyond it the oldest is forgotten. */
const MAX_ACCOUNTS = 10_000;

/** Failed sign-ins by account, in this process (security SES-5: 5 in 10 minutes). */
export class SignInFailures {
  readonly #failures = new Map<string, number[]>();

  /** Whether the account must wait. */
  isThrottled(account: string, now: number): boolean {
    return this.#recent(account, now).length >= MAX_FAILURES;
  }

  note(account: string, now: number): void {
    const recent = [...this.#recent(account, now), now];
    this.#failures.delete(account);
    this.#failures.set(account, recent);
    if (this.#failures.size > MAX_ACCOUNTS) this.#failures.delete(this.#failures.keys().next().value!);
  }

  forget(account: string): void {
    this.#failures.delete(account);
  }

  #recent(account: string, now: number): number[] {
    return (this.#failures.get(account) ?? []).filter((at) => now - at < WINDOW_MS);
  }
}

export type SignIn =
  | { ok: true; user: User }
  | { ok: false; reason: 'wrong' | 'throttled' | 'blocked' }
  /** Signing in to the web UI activates it again. */
  | { ok: false; reason: 'deactivated'; user: User }
  /** Somebody else chose the password: the user must choose another first. */
  | { ok: false; reason: 'expired'; user: User };

/**
 * Signs in by username or e-mail address and password. An unknown user costs the same time and says the same as a wrong
 * password; only who knows the password learns that the account is blocked.
 */
export async function signIn(
  reading: Reading,
  failures: SignInFailures,
  login: string,
  password: string,
  now: number,
): Promise<SignIn> {
  const account = login.toLowerCase();
  if (failures.isThrottled(account, now)) return { ok: false, reason: 'throttled' };
  const row = await userRowByLogin(reading, login);
  const right = await isPassword(password, row?.password_hash ?? null);
  // Others that were tried at the same time may have used up what is allowed.
  if (failures.isThrottled(account, now)) return { ok: false, reason: 'throttled' };
  if (!right || row === undefined) {
    failures.note(account, now);
    return { ok: false, reason: 'wrong' };
  }
  failures.forget(account);
  const user = userOfRow(row);
  const expired = row.password_expires_at !== null && row.password_expires_at <= now;
  if (expired && (user.state === 'active' || user.state === 'deactivated'))
    return { ok: false, reason: 'expired', user };
  if (user.state === 'deactivated') return { ok: false, reason: 'deactivated', user };
  return user.state === 'active' ? { ok: true, user } : { ok: false, reason: 'blocked' };
}
