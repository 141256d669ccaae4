import { createCipheriv, createDecipheriv, createHash, createHmac, randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const KEY_FILE = 'encryption.key';
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Encrypts what is stored but must be given out again (CI/CD variables): AES-256-GCM with a key that lies in the data
 * directory and never in the database (security VAR-3). An encrypted text reads `<key id>:<base64>`; the key id tells
 * which key of the file made it, so that a newer key can be put in front.
 */
export class Encryption {
  readonly #keys: ReadonlyMap<string, Buffer>;
  readonly #current: string;

  /** `keys` are 32 bytes each, the first encrypts, all decrypt. */
  constructor(keys: readonly Buffer[]) {
    if (keys.length === 0 || keys.some((key) => key.length !== KEY_BYTES)) {
      throw new Error(`an encryption key has ${KEY_BYTES} bytes`);
    }
    this.#keys = new Map(keys.map((key) => [idOf(key), key]));
    this.#current = idOf(keys[0]!);
  }

  /** Reads the keys of a data directory, one base64 line each; makes the file (0600) at the first start. */
  static open(dataDirectory: string): Encryption {
    const path = join(dataDirectory, KEY_FILE);
    mkdirSync(dataDirectory, { recursive: true, mode: 0o700 });
    try {
      writeFileSync(path, `${randomBytes(KEY_BYTES).toString('base64')}\n`, { mode: 0o600, flag: 'wx' });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    if ((statSync(path).mode & 0o077) !== 0) chmodSync(path, 0o600);
    const lines = readFileSync(path, 'utf8')
      .split('\n')
      .filter((line) => line.trim() !== '');
    return new Encryption(lines.map((line) => Buffer.from(line, 'base64')));
  }

  /** HMAC-SHA-256 of a text in base64url: proves later that this server made it, without storing it. */
  mac(text: string): string {
    return createHmac('sha256', this.#keys.get(this.#current)!).update(`mac\n${text}`).digest('base64url');
  }

  encrypt(text: string): string {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv('aes-256-gcm', this.#keys.get(this.#current)!, nonce);
    const bytes = Buffer.concat([nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]);
    return `${this.#current}:${bytes.toString('base64')}`;
  }

  /** Throws when the text was made with a key that is not there, or was altered. */
  decrypt(encrypted: string): string {
    const colon = encrypted.indexOf(':');
    const key = this.#keys.get(encrypted.slice(0, colon));
    if (key === undefined) throw new Error('no key for an encrypted value: was encryption.key replaced?');
    const bytes = Buffer.from(encrypted.slice(colon + 1), 'base64');
    const tagAt = bytes.length - TAG_BYTES;
    const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, NONCE_BYTES), {
      authTagLength: TAG_BYTES,
    });
    decipher.setAuthTag(bytes.subarray(tagAt));
    return decipher.update(bytes.subarray(NONCE_BYTES, tagAt), undefined, 'utf8') + decipher.final('utf8');
  }
}

function idOf(key: Buffer): string {
  return createHash('sha256').update(key).digest('hex').slice(0, 8);
}
