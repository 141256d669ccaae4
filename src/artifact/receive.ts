import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import busboy from 'busboy';
import type { ArtifactStore, StoredFile } from './store.ts';

export type ReceiveResult =
  /** The part `file` is stored, durably, under a key nobody knows yet; `fields` are the form's other values. */
  | { ok: true; file: StoredFile; filename: string; fields: Record<string, string> }
  /** There is no part `file`, or the body is no form. Nothing is stored. */
  | { ok: false; reason: 'no_file' }
  /** The file passed the limit; reading stopped there. Nothing is stored. */
  | { ok: false; reason: 'too_large' }
  /** The client went away, the form broke off, or its file has no possible name. Nothing is stored (REL-19). */
  | { ok: false; reason: 'broken_off' };

const LIMITS = { fields: 20, fieldSize: 4096, fieldNameSize: 100, files: 2, parts: 25, headerPairs: 50 };

/**
 * Streams the part `file` of a multipart request into the store, hashing on the way, in bounded memory, up to `limit` bytes
 * (ART-2). Throws what the store throws when the disk fails.
 */
export async function receiveFile(
  request: IncomingMessage,
  store: ArtifactStore,
  limit: number,
): Promise<ReceiveResult> {
  const form = openForm(request);
  if (form === null) return { ok: false, reason: 'no_file' };
  const fields: Record<string, string> = Object.create(null);
  let filename = '';
  let storing: Promise<Stored> | null = null;
  const stop = new AbortController();
  form.on('field', (name, value) => {
    fields[name] = value;
  });
  form.on('file', (name, part, info) => {
    part.on('error', () => {}); // who reads it learns of it; one that is read no more may still fail
    if (name !== 'file' || storing !== null) {
      part.resume();
      return;
    }
    filename = info.filename ?? '';
    // No database keeps such a name (security LIM-9).
    if (filename.includes('\0')) return stop.abort();
    storing = storePart(store, part, limit, stop);
  });
  const parsed = await parse(request, form, stop.signal);
  const stored: Stored | null = await storing;
  return resultOf(store, stored, parsed, { filename, fields });
}

/**
 * Whether the form came whole. When it is stopped the request stays open for the answer; what the client still sends is
 * read and dropped.
 */
function parse(request: IncomingMessage, form: busboy.Busboy, stop: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    let done = false;
    const finish = (whole: boolean) => {
      if (done) return;
      done = true;
      request.unpipe(form);
      if (!whole) {
        form.destroy();
        request.resume();
      }
      resolve(whole);
    };
    form.once('close', () => finish(true));
    form.on('error', () => finish(false));
    request.once('close', () => {
      if (!request.complete) finish(false);
    });
    stop.addEventListener('abort', () => finish(false));
    request.pipe(form);
  });
}

type Stored =
  | { kind: 'stored'; file: StoredFile }
  | { kind: 'too_large' }
  | { kind: 'failed'; error: unknown };

/** Stops the whole form as soon as the file is refused or cannot be stored. */
async function storePart(
  store: ArtifactStore,
  part: Readable,
  limit: number,
  stop: AbortController,
): Promise<Stored> {
  try {
    const written = await store.write(part, limit);
    if (written.ok) return { kind: 'stored', file: written.file };
    stop.abort();
    return { kind: 'too_large' };
  } catch (error) {
    stop.abort();
    return { kind: 'failed', error };
  }
}

async function resultOf(
  store: ArtifactStore,
  stored: Stored | null,
  parsed: boolean,
  form: { filename: string; fields: Record<string, string> },
): Promise<ReceiveResult> {
  switch (stored?.kind) {
    case 'too_large':
      return { ok: false, reason: 'too_large' };
    case 'stored':
      if (parsed) return { ok: true, file: stored.file, ...form };
      await store.delete(stored.file.key);
      return { ok: false, reason: 'broken_off' };
    case 'failed':
      // A system error is the disk's; any other came from the form that broke off.
      if ((stored.error as NodeJS.ErrnoException).syscall !== undefined) throw stored.error;
      return { ok: false, reason: 'broken_off' };
    case undefined:
      return { ok: false, reason: parsed ? 'no_file' : 'broken_off' };
  }
}

/** Null when the request is no multipart form. */
function openForm(request: IncomingMessage): busboy.Busboy | null {
  try {
    return busboy({
      headers: request.headers,
      limits: LIMITS,
      defParamCharset: 'utf8',
      fileHwm: 256 * 1024,
      highWaterMark: 256 * 1024,
    });
  } catch {
    return null;
  }
}
