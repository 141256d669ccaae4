import { hash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { Artifact } from '../artifact/artifact.ts';
import { type EntryResult, readEntry, type Span } from '../artifact/entry.ts';
import { refuse } from './errors.ts';
import type { Answer, Call } from './route.ts';

/** Bytes that a job made are untrusted: never inline, never with a type that a browser runs (security ART-6, WEB-4). */
export const UNTRUSTED = {
  'x-content-type-options': 'nosniff',
  'content-security-policy': "sandbox; default-src 'none'",
};

const TEXT = 'text/plain';
/** By file extension; everything else is `application/octet-stream`. Without charset (surrounding-api 0.7). */
const TYPES: Readonly<Record<string, string>> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  gif: 'image/gif',
  webp: 'image/webp',
  txt: TEXT,
  log: TEXT,
  md: TEXT,
  csv: TEXT,
  tsv: TEXT,
  json: TEXT,
  yml: TEXT,
  yaml: TEXT,
  toml: TEXT,
  ini: TEXT,
  diff: TEXT,
  patch: TEXT,
};

/** A stored artifact as a download, whole or the range that is asked for (jobs-api 5.1). 404 when its file is gone. */
export async function sendStored(call: Pick<Call, 'rooms' | 'request'>, artifact: Artifact): Promise<Answer> {
  const etag = `"${artifact.sha256}"`;
  if (isKnown(call.request.headers, etag)) return notModified(etag);
  const reader = await call.rooms.artifacts.open(artifact.storeKey);
  if (reader === null) throw refuse.notFound();
  try {
    const { span, ...part } = partOf(call.request.headers, reader.size, etag);
    const headers = {
      'content-type': 'application/octet-stream',
      'content-transfer-encoding': 'binary',
      'content-disposition': attachment(artifact.filename),
      ...UNTRUSTED,
      ...part.headers,
    };
    return { status: part.status, headers, body: reader.stream(span.start, span.end) };
  } catch (error) {
    await reader.close();
    throw error;
  }
}

/** One file of an archive as a download (jobs-api 5.3 and 5.4). */
export async function sendEntry(
  { rooms, request }: Pick<Call, 'rooms' | 'request'>,
  archive: Artifact,
  path: string,
): Promise<Answer> {
  if (path.includes('\0')) throw refuse.badRequest();
  const etag = `"${hash('sha256', `${archive.sha256}${path}`)}"`;
  if (isKnown(request.headers, etag)) return notModified(etag);
  const part = (size: number) => partOf(request.headers, size, etag);
  const entry = await readEntry(rooms.artifacts, archive.storeKey, path, (size) => part(size).span);
  if (!entry.ok) throw refusalOf(entry);
  const { status, headers: about } = part(entry.size);
  const name = path.slice(path.lastIndexOf('/') + 1);
  const headers = {
    'content-type': TYPES[name.slice(name.lastIndexOf('.') + 1).toLowerCase()] ?? 'application/octet-stream',
    'content-disposition': attachment(name),
    ...UNTRUSTED,
    ...about,
  };
  return { status, headers, body: entry.body };
}

/** What is sent of some bytes, and the headers that say so. */
interface Part {
  status: 200 | 206;
  span: Span;
  headers: Record<string, string>;
}

/** All bytes, or the range that is asked for. Throws `Refused` with 416 for one outside of them. */
function partOf(asked: IncomingHttpHeaders, size: number, etag: string): Part {
  const range = rangeOf(asked, size, etag);
  if (range === 'outside') throw refuse.rangeNotSatisfiable(size);
  const span = range ?? { start: 0, end: size };
  const headers = {
    'content-length': String(span.end - span.start),
    'accept-ranges': 'bytes',
    etag,
    ...(range === null ? {} : { 'content-range': `bytes ${span.start}-${span.end - 1}/${size}` }),
  };
  return { status: range === null ? 200 : 206, span, headers };
}

/** Whether the client has these very bytes already. */
function isKnown(asked: IncomingHttpHeaders, etag: string): boolean {
  const known = asked['if-none-match']?.split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  return known?.includes(etag) ?? false;
}

function notModified(etag: string): Answer {
  return { status: 304, headers: { etag } };
}

function refusalOf(entry: Extract<EntryResult, { ok: false }>) {
  switch (entry.reason) {
    case 'missing':
      return refuse.notFound();
    case 'unsupported':
      return refuse.unprocessable('the file is packed in a way that cannot be read');
    case 'broken':
      return refuse.unprocessable('the archive is damaged');
  }
}

/** RFC 6266: a plain name without anything that could end it, and the true one percent-encoded (security ART-7). */
export function attachment(filename: string): string {
  const plain = filename.replace(/[^\x20-\x7e]|["\\;/%]/g, '_');
  const encoded = encodeURIComponent(filename.toWellFormed()).replace(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `attachment; filename="${plain}"; filename*=UTF-8''${encoded}`;
}

/**
 * The bytes that a `Range` header asks for, end exclusive; null for all of them: no header, several ranges, another unit,
 * or an `If-Range` of other bytes.
 */
export function rangeOf(
  headers: { range?: string | undefined; 'if-range'?: string | string[] | undefined },
  size: number,
  etag: string,
): { start: number; end: number } | 'outside' | null {
  const ifRange = headers['if-range'];
  if (headers.range === undefined || (ifRange !== undefined && ifRange !== etag)) return null;
  const match = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(headers.range.trim());
  if (match === null || (match[1] === '' && match[2] === '')) return null;
  const [from, to] = [match[1]!, match[2]!];
  if (from === '')
    return Number(to) === 0 || size === 0 ? 'outside' : { start: Math.max(0, size - Number(to)), end: size };
  const end = to === '' ? size : Math.min(size, Number(to) + 1);
  if (to !== '' && Number(to) < Number(from)) return null;
  return Number(from) >= size ? 'outside' : { start: Number(from), end };
}
