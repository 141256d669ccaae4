import type { User } from './user.ts';

/** Who makes a call: exactly one credential decides it (security TOK-4). */
export type Caller =
  | { kind: 'anonymous' }
  /** By a token, whose scopes they are, or by the session of a browser, which has all. */
  | {
      kind: 'user';
      user: User;
      tokenId: number | null;
      scopes: readonly string[];
      sessionId?: number;
      /** The administrator who acts as this user. */
      sudoBy?: number;
    }
  /** A running job: acts as its user, limited by the job-token scope of the projects it touches. */
  | { kind: 'job'; user: User; jobId: number; projectId: number };

/** The user behind a call, or null for an anonymous one. */
export function userOf(caller: Caller): User | null {
  return caller.kind === 'anonymous' ? null : caller.user;
}
