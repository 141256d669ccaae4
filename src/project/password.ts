import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto';

/** Characters (security SES-5). */
export const MIN_PASSWORD_LENGTH = 8;
export const MAX_PASSWORD_LENGTH = 128;

const COST: ScryptOptions & { N: number; r: number; p: number } = {
  N: 2 ** 15,
  r: 8,
  p: 1,
  maxmem: 64 * 1024 * 1024, // bytes
};
const HASH_BYTES = 32;

/** What is stored of a password: scrypt with its cost and a salt of its own. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16);
  const hash = await derive(password, salt, COST);
  return ['scrypt', COST.N, COST.r, COST.p, salt.toString('base64'), hash.toString('base64')].join('$');
}

/**
 * Whether the password belongs to the stored hash. Null, for an unknown user or one without a password, takes as long
 * as a wrong password and is false (security SES-5).
 */
export async function isPassword(password: string, stored: string | null): Promise<boolean> {
  const [, N, r, p, salt, hash] = (stored ?? NOBODY).split('$');
  const cost = { ...COST, N: Number(N), r: Number(r), p: Number(p) };
  const expected = Buffer.from(hash!, 'base64');
  const derived = await derive(
    password.slice(0, MAX_PASSWORD_LENGTH + 1),
    Buffer.from(salt!, 'base64'),
    cost,
  );
  return timingSafeEqual(derived, expected) && stored !== null;
}

/** A hash of the same cost that no password has. */
const NOBODY = [
  'scrypt',
  COST.N,
  COST.r,
  COST.p,
  Buffer.alloc(16).toString('base64'),
  Buffer.alloc(HASH_BYTES).toString('base64'),
].join('$');

/** Texts for a password that can not be taken. */
export function passwordErrors(password: string): string[] {
  const { length } = [...password];
  if (length < MIN_PASSWORD_LENGTH) return [`is too short (minimum is ${MIN_PASSWORD_LENGTH} characters)`];
  return length > MAX_PASSWORD_LENGTH ? [`is too long (maximum is ${MAX_PASSWORD_LENGTH} characters)`] : [];
}

/** Derivations at once: files and logs are read and written by the same few threads. */
const MAX_AT_ONCE = 2;
let running = 0;
const waiting: (() => void)[] = [];

async function derive(password: string, salt: Buffer, cost: ScryptOptions): Promise<Buffer> {
  if (running >= MAX_AT_ONCE) await new Promise<void>((resolve) => void waiting.push(resolve));
  else running++;
  try {
    return await deriveNow(password, salt, cost);
  } finally {
    const next = waiting.shift();
    if (next === undefined) running--;
    else next();
  }
}

function deriveNow(password: string, salt: Buffer, cost: ScryptOptions): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(password.normalize('NFKC'), salt, HASH_BYTES, cost, (error, key) => {
      if (error === null) resolve(key);
      else reject(error);
    });
  });
}
