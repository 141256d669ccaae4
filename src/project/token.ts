import { hash, randomBytes, timingSafeEqual } from 'node:crypto';

/**
 * Personal and resource access tokens, job, runner and trigger tokens (security TOK-1). `glrtr-`: of a runner that registered
 * itself with a registration token, `GR1348941`. `teas-`: of a session of the web UI.
 */
export type TokenPrefix =
  | 'glpat-'
  | 'glcbt-'
  | 'glrt-'
  | 'glrtr-'
  | 'GR1348941'
  | 'glptt-'
  | 'glagent-'
  | 'teas-';

/** A new secret: the prefix and 160 random bits. It is shown once; only its digest is kept. */
export function makeToken(prefix: TokenPrefix): string {
  return prefix + randomBytes(20).toString('base64url');
}

/** What is stored of a token: SHA-256 in hex (security TOK-2). */
export function digestOf(token: string): string {
  return hash('sha256', token);
}

/** Compares two digests or secrets in a time that does not depend on where they differ (security TOK-3). */
export function sameDigest(a: string, b: string): boolean {
  const left = Buffer.from(a);
  const right = Buffer.from(b);
  return left.length === right.length && timingSafeEqual(left, right);
}
