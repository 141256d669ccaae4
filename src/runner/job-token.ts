import { randomBytes } from 'node:crypto';
import type { Encryption } from '../project/encryption.ts';
import { sameDigest } from '../project/token.ts';

/** 144 random bits, 24 characters. */
const RANDOM_BYTES = 18;
const PROOF_LENGTH = 22;
/** Tokens for which random bytes are drawn at once, as each drawing is a call of the system. */
const DRAWN = 64;
/** The job's id in hex, the random part and the proof. */
const FORM = /^glcbt-([0-9a-f]{1,13})_([\w-]{24})([\w-]{22})$/;

let drawn = Buffer.alloc(0);

/**
 * A new token for a job, which it names. The database keeps its digest while the job runs and nothing afterwards; its end
 * proves that it was made for this job, so that a runner that comes late is told how the job ended and a stranger is told
 * nothing.
 */
export function makeJobToken(encryption: Encryption, jobId: number): string {
  if (drawn.length === 0) drawn = randomBytes(RANDOM_BYTES * DRAWN);
  const random = drawn.toString('base64url', 0, RANDOM_BYTES);
  drawn = drawn.subarray(RANDOM_BYTES);
  return `glcbt-${jobId.toString(16)}_${random}${proof(encryption, jobId, random)}`;
}

/** The job that a token names, where its digest is to be looked for; null for what is no job's token. Proves nothing. */
export function jobNamedBy(token: string): number | null {
  const id = FORM.exec(token)?.[1];
  return id === undefined ? null : Number.parseInt(id, 16);
}

/** Whether the token was made for this job, whatever became of the job since. */
export function wasMadeFor(encryption: Encryption, jobId: number, token: string): boolean {
  const [, , random, end] = FORM.exec(token) ?? [];
  return random !== undefined && end !== undefined && sameDigest(end, proof(encryption, jobId, random));
}

function proof(encryption: Encryption, jobId: number, random: string): string {
  return encryption.mac(`job-token ${jobId} ${random}`).slice(0, PROOF_LENGTH);
}
