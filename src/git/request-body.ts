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
  const chunks: AsyncIterator<Buffer> = source.iterator({ destroyOnReturn: false });
  let size = 0;
  for (;;) {
    const idle = setTimeout(() => source.destroy(new Error('the client sent nothing for too long')), IDLE_MS);
    const { done, value } = await chunks.next().finally(() => clearTimeout(idle));
    if (done === true) return;
    size += value.length;
    if (size > maxBytes) throw new BodyTooLarge(`more than ${maxBytes} bytes`);
    yield value;
  }
}
