import { randomBytes } from 'node:crypto';
import type { Encryption } from '../project/encryption.ts';
import { sameDigest } from '../project/token.ts';

const PREFIX = 'glcbt-';
/** 144 random bits, 24 characters. */
const RANDOM_BYTES = 18;
const RANDOM_LENGTH = 24;
const PROOF_LENGTH = 22;

/**
 * A new token for a job. The database keeps its digest while the job runs and nothing afterwards; its end proves that it
 * was made for this job, so that a runner that comes late is told how the job ended and a stranger is told nothing.
 */
export function makeJobToken(encryption: Encryption, jobId: number): string {
  const random = randomBytes(RANDOM_BYTES).toString('base64url');
  return PREFIX + random + proof(encryption, jobId, random);
}

/** Whether the token was made for this job, whatever became of the job since. */
export function wasMadeFor(encryption: Encryption, jobId: number, token: string): boolean {
  if (!token.startsWith(PREFIX)) return false;
  const random = token.slice(PREFIX.length, PREFIX.length + RANDOM_LENGTH);
  return sameDigest(token.slice(PREFIX.length + RANDOM_LENGTH), proof(encryption, jobId, random));
}

function proof(encryption: Encryption, jobId: number, random: string): string {
  return encryption.mac(`job-token ${jobId} ${random}`).slice(0, PROOF_LENGTH);
}
