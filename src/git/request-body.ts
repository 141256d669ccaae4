import { pipeline, type Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';

const IDLE_MS = 120_000;

/** The body is longer, inflated, than it may be. */
export class BodyTooLarge extends Error {
  override readonly name = 'BodyTooLarge';
}

/** The body of a git request, inflated, or null for a content encoding that git does not use. */
export function inflated(source: Readable, contentEncoding: string | undefined): Readable | null {
  const encoding = (contentEncoding ?? 'identity').trim().toLowerCase();
  if (encoding === 'identity' || encoding === '') return source;
  if (encoding !== 'gzip' && encoding !== 'x-gzip') return null;
  return pipeline(source, createGunzip(), () => {}); // an error comes out of the returned stream
}

/**
 * The chunks of a body as they come, never more than the consumer asks for. Throws BodyTooLarge after `maxBytes`, and
 * whatever the stream fails with; a sender that is silent for two minutes is cut off.
 */
export async function* limited(source: Readable, maxBytes: number): AsyncGenerator<Buffer> {
  const idle = setTimeout(() => source.destroy(new Error('the client sent nothing for too long')), IDLE_MS);
  let size = 0;
  try {
    for await (const chunk of source) {
      idle.refresh();
      size += chunk.length;
      if (size > maxBytes) throw new BodyTooLarge(`more than ${maxBytes} bytes`);
      yield chunk;
      idle.refresh();
    }
  } finally {
    clearTimeout(idle);
  }
}
