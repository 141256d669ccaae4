import { type Runner, runnerByToken } from '../../runner/runner.ts';
import { verifyRunner } from '../../runner/verify.ts';
import { refuse } from '../errors.ts';
import type { Call } from '../route.ts';

type Asking = Pick<Call, 'request'> & { params: { token?: unknown } };
type TokenCall = Asking & Pick<Call, 'rooms' | 'now'>;

/**
 * The runner's token, which comes twice: as a parameter, which counts first, and as a header (runner-api 0). Throws
 * `Refused` 400 without either.
 */
export function runnerTokenOf({ params, request }: Asking): string {
  const token = String(params.token || request.headers['runner-token'] || '');
  if (token === '') throw refuse.invalidParameters(['token is missing']);
  return token;
}

/** The runner that calls; throws `Refused` 403 with a constant body for a bad token (security RUN-3). */
export async function requireRunner(call: TokenCall): Promise<Runner> {
  const runner = await runnerByToken(call.rooms.db.read, runnerTokenOf(call), call.now);
  if (runner === null) throw refuse.forbidden();
  return runner;
}

/** The same for a runner that is about to work: one without projects is refused with 422. */
export async function requireWorkingRunner(call: TokenCall): Promise<Runner> {
  const verified = await verifyRunner(call.rooms.db.read, runnerTokenOf(call), call.now);
  if (verified.ok) return verified.runner;
  throw verified.reason === 'orphaned' ? refuse.unprocessable('Runner is orphaned') : refuse.forbidden();
}

/** `token_expires_at` of an answer. */
export function expiryOf(tokenExpiresAt: number | null): string | null {
  return tokenExpiresAt === null ? null : new Date(tokenExpiresAt).toISOString();
}
