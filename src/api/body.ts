import type { IncomingMessage } from 'node:http';
import busboy from 'busboy';
import { refuse } from './errors.ts';
import { UploadedFile } from './input.ts';
import { emptyFields, type Fields, MAX_DEPTH, MAX_PARAMETERS, nestFields } from './nested-form.ts';

/** Largest JSON or form body in bytes (security LIM-1), and of a caller who shows no credential in header or query. */
export const MAX_BODY_BYTES = 1024 * 1024;
export const MAX_ANONYMOUS_BODY_BYTES = 64 * 1024;
/** A client that takes longer than this for a small body is cut off, in milliseconds. */
const BODY_TIMEOUT_MS = 60_000;

/**
 * The body's parameters: JSON object, urlencoded or multipart with its files. An empty body is no parameters
 * whatever its type says (surrounding-api 0.1). Throws `Refused` on a body that is too large, malformed or of a type
 * that nobody can read; counts while it streams.
 */
export async function readFields(request: IncomingMessage, maxBytes: number): Promise<Fields> {
  if (!mayHaveBody(request)) return emptyFields();
  const bytes = await readAll(request, maxBytes);
  if (bytes.length === 0) return emptyFields();
  const header = request.headers['content-type'];
  const type = (header ?? 'application/x-www-form-urlencoded').split(';')[0]!.trim().toLowerCase();
  if (type === 'application/json' || type.endsWith('+json')) return fieldsOfJson(textOf(bytes));
  if (type === 'application/x-www-form-urlencoded') return fieldsOfForm(textOf(bytes));
  if (type === 'multipart/form-data') return await fieldsOfMultipart(header!, bytes);
  throw refuse.unsupportedType(type);
}

function mayHaveBody(request: IncomingMessage): boolean {
  const length = request.headers['content-length'];
  return request.headers['transfer-encoding'] !== undefined || (length !== undefined && length !== '0');
}

/**
 * The whole body, unparsed; counted while it streams, and cut off when it is not there in time. Throws `Refused` when it is
 * too large or breaks off.
 */
export function readAll(
  request: IncomingMessage,
  maxBytes: number,
  timeoutMs = BODY_TIMEOUT_MS,
): Promise<Buffer> {
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) throw refuse.bodyTooLarge();
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const timer = setTimeout(() => request.destroy(), timeoutMs);
    const onClose = () => end(() => reject(refuse.malformedBody()));
    const end = (finish: () => void) => {
      clearTimeout(timer);
      request.off('data', onData).off('close', onClose);
      finish();
    };
    const onData = (chunk: Buffer) => {
      size += chunk.length;
      if (size > maxBytes) {
        request.pause();
        end(() => reject(refuse.bodyTooLarge()));
      } else {
        chunks.push(chunk);
      }
    };
    request.on('data', onData);
    request.once('end', () => end(() => resolve(Buffer.concat(chunks, size))));
    request.once('close', onClose);
  });
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false });

function textOf(bytes: Buffer): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw refuse.malformedBody();
  }
}

/** Parameters of a JSON body; a body that is not an object has none, as in GitLab. */
export function fieldsOfJson(text: string): Fields {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw refuse.malformedBody();
  }
  if (!withinBounds(value)) throw refuse.malformedBody();
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return emptyFields();
  return Object.assign(emptyFields(), value);
}

/** Depth, number of keys, and texts that can be stored; without recursion, as the depth is the client's. */
function withinBounds(value: unknown): boolean {
  let keys = 0;
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > MAX_DEPTH) return false;
    const next: unknown[] = [];
    for (const item of level) {
      if (typeof item === 'string' && !isStorable(item)) return false;
      if (typeof item !== 'object' || item === null) continue;
      if (!Array.isArray(item) && !Object.keys(item).every(isStorable)) return false;
      const children = Object.values(item);
      keys += children.length;
      if (keys > MAX_PARAMETERS) return false;
      for (const child of children) next.push(child);
    }
    level = next;
  }
  return true;
}

/** Whether a text can be kept and sent again: well-formed Unicode without NUL (security LIM-9). */
export function isStorable(text: string): boolean {
  return text.isWellFormed() && !text.includes('\0');
}

/** Parameters of a query string or urlencoded body. Throws `Refused` for broken percent-encoding or nesting. */
export function fieldsOfForm(text: string): Fields {
  const pairs: [string, string][] = [];
  for (const part of text.split('&')) {
    if (part === '') continue;
    const equals = part.indexOf('=');
    const name = decode(equals === -1 ? part : part.slice(0, equals));
    pairs.push([name, equals === -1 ? '' : decode(part.slice(equals + 1))]);
  }
  return nested(pairs);
}

function decode(text: string): string {
  let decoded: string;
  try {
    decoded = decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    throw refuse.badRequest();
  }
  if (decoded.includes('\0')) throw refuse.badRequest();
  return decoded;
}

function nested(pairs: [string, string][]): Fields {
  const fields = nestFields(pairs);
  if (fields === null) throw refuse.badRequest();
  return fields;
}

function fieldsOfMultipart(contentType: string, bytes: Buffer): Promise<Fields> {
  return new Promise((resolve, reject) => {
    let parser: busboy.Busboy;
    try {
      parser = busboy({
        headers: { 'content-type': contentType },
        limits: { fieldSize: bytes.length, fields: MAX_PARAMETERS },
        defParamCharset: 'utf8',
      });
    } catch {
      reject(refuse.malformedBody());
      return;
    }
    const pairs: [string, string | UploadedFile][] = [];
    parser.on('field', (name, value) => pairs.push([name, value]));
    parser.on('file', (name, file, info) => {
      if (name.includes('[')) return void file.resume(); // no parameter that nests takes a file
      const chunks: Buffer[] = [];
      file.on('data', (chunk: Buffer) => chunks.push(chunk));
      file.on('end', () => pairs.push([name, new UploadedFile(info.filename ?? '', Buffer.concat(chunks))]));
    });
    parser.on('error', () => reject(refuse.malformedBody()));
    parser.on('close', () => {
      const storable = (value: string | UploadedFile) =>
        isStorable(typeof value === 'string' ? value : value.name);
      if (pairs.every(([name, value]) => isStorable(name) && storable(value))) {
        const fields = nestFields(pairs);
        if (fields !== null) return resolve(fields);
      }
      reject(refuse.badRequest());
    });
    parser.end(bytes);
  });
}
