import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import type { ArtifactStore } from './store.ts';

/** Limits of a dotenv report, which stays below the first; GitLab's defaults (runner-api 5). */
export const MAX_DOTENV_BYTES = 5 * 1024;
export const MAX_DOTENV_VARIABLES = 20;

export interface DotenvVariable {
  key: string;
  value: string;
}

export type DotenvResult = { ok: true; variables: DotenvVariable[] } | { ok: false; message: string };

const unzip = promisify(gunzip);
const TOO_BIG = `Dotenv Artifact Too Big. Maximum Allowable Size: ${MAX_DOTENV_BYTES}`;

/** Reads the stored gzip of a dotenv report (several members count as one text). */
export async function readDotenv(store: ArtifactStore, storeKey: string): Promise<DotenvResult> {
  const reader = await store.open(storeKey);
  if (reader === null) throw new Error('a dotenv report that was just stored is gone');
  try {
    if (reader.size > MAX_DOTENV_BYTES * 4) return { ok: false, message: TOO_BIG };
    const text = await unzip(await reader.read(0, reader.size), { maxOutputLength: MAX_DOTENV_BYTES - 1 });
    return parseDotenv(text);
  } catch (error) {
    const tooBig = (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE';
    return { ok: false, message: tooBig ? TOO_BIG : 'Invalid Format' };
  } finally {
    await reader.close();
  }
}

/**
 * `KEY=VALUE` lines: split at the first `=`, both sides trimmed, no quoting, the last of equal keys wins. A line that is
 * not of this form refuses the whole (runner-api 5).
 */
export function parseDotenv(bytes: Uint8Array): DotenvResult {
  const text = new TextDecoder(encodingOf(bytes)).decode(bytes); // drops the mark, replaces what is wrongly encoded
  const variables = new Map<string, string>();
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  for (const line of lines) {
    const equals = line.indexOf('=');
    if (equals === -1) return { ok: false, message: 'Invalid Format' };
    const key = line.slice(0, equals).trim();
    if (!/^[a-zA-Z0-9_]{1,255}$/.test(key)) {
      return { ok: false, message: "Validation failed: Key can contain only letters, digits and '_'." };
    }
    variables.set(key, line.slice(equals + 1).trim());
  }
  if (variables.size > MAX_DOTENV_VARIABLES) {
    return { ok: false, message: `Dotenv files cannot have more than ${MAX_DOTENV_VARIABLES} variables` };
  }
  return { ok: true, variables: [...variables].map(([key, value]) => ({ key, value })) };
}

/** By the byte order mark: PowerShell's `>` writes UTF-16. */
function encodingOf([first, second]: Uint8Array): string {
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  return first === 0xfe && second === 0xff ? 'utf-16be' : 'utf-8';
}
