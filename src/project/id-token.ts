import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPair,
  type KeyObject,
  randomUUID,
  sign,
} from 'node:crypto';
import { link, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const KEY_FILE = 'id-token.key';
const KEY_BITS = 2048;

/** A public key as the key set lists it (RFC 7517), with its keys in GitLab's order. */
export interface PublicKey {
  kty: 'RSA';
  kid: string;
  e: string;
  n: string;
  use: 'sig';
  alg: 'RS256';
}

interface SigningKey {
  privateKey: KeyObject;
  listed: PublicKey;
}

/**
 * Signs ID tokens for jobs (rest-resources 11) with RSA keys that lie in the data directory, never in the database. The
 * first key of the file signs; those after it are former ones, listed for tokens that are still valid. The file (0600) is
 * made when a key is first needed.
 */
export class IdTokenKeys {
  readonly #path: string;
  #keys: Promise<readonly SigningKey[]> | null = null;

  constructor(dataDirectory: string) {
    this.#path = join(dataDirectory, KEY_FILE);
  }

  /** The keys that verify, that of new tokens first. Throws when the file can be neither read nor made. */
  async publicKeys(): Promise<PublicKey[]> {
    return (await this.#load()).map(({ listed }) => listed);
  }

  /** A JSON Web Token of these claims, RS256. */
  async sign(claims: Readonly<Record<string, unknown>>): Promise<string> {
    const [{ privateKey, listed }] = (await this.#load()) as [SigningKey];
    const signed = `${base64Json({ kid: listed.kid, typ: 'JWT', alg: 'RS256' })}.${base64Json(claims)}`;
    return `${signed}.${sign('RSA-SHA256', Buffer.from(signed), privateKey).toString('base64url')}`;
  }

  /** What failed is tried again at the next call. */
  #load(): Promise<readonly SigningKey[]> {
    this.#keys ??= readOrMake(this.#path).catch((error: unknown) => {
      this.#keys = null;
      throw error;
    });
    return this.#keys;
  }
}

async function readOrMake(path: string): Promise<readonly SigningKey[]> {
  const text = (await readIfThere(path)) ?? (await make(path));
  const blocks = text.match(/-----BEGIN [^-]+-----[^-]+-----END [^-]+-----/g) ?? [];
  if (blocks.length === 0) throw new Error(`${KEY_FILE} holds no key`);
  return blocks.map((pem) => signingKey(createPrivateKey(pem)));
}

async function readIfThere(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/** Written whole, then given its name, which only one of several processes can: all of them use that one's key. */
async function make(path: string): Promise<string> {
  const { privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: KEY_BITS });
  const draft = `${path}.${randomUUID()}`;
  await writeFile(draft, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
  try {
    await link(draft, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    await rm(draft, { force: true });
  }
  return readFile(path, 'utf8');
}

function signingKey(privateKey: KeyObject): SigningKey {
  const { e, n } = createPublicKey(privateKey).export({ format: 'jwk' }) as { e: string; n: string };
  // RFC 7638: the required members in alphabetical order, without white space.
  const thumbprint = createHash('sha256')
    .update(JSON.stringify({ e, kty: 'RSA', n }))
    .digest('base64url');
  return { privateKey, listed: { kty: 'RSA', kid: thumbprint, e, n, use: 'sig', alg: 'RS256' } };
}

function base64Json(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
