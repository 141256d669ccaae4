/** Git's framing: four hex digits of length, then the bytes; `0000` is a flush. Pure, but for the reader. */

/** The longest payload of one line. */
const MAX_PAYLOAD = 65_516;

export const FLUSH = Buffer.from('0000');

/** One line. Throws RangeError for a payload longer than git allows. */
export function pktLine(payload: string | Buffer): Buffer {
  const bytes = typeof payload === 'string' ? Buffer.from(payload) : payload;
  if (bytes.length > MAX_PAYLOAD) throw new RangeError('a line longer than git allows');
  return Buffer.concat([Buffer.from((bytes.length + 4).toString(16).padStart(4, '0')), bytes]);
}

/** Payload on a channel of `side-band-64k`: 1 is data, 2 is text the user sees after `remote: `. */
export function sideband(channel: 1 | 2, payload: Buffer): Buffer {
  const lines: Buffer[] = [];
  for (let start = 0; start < payload.length; start += MAX_PAYLOAD - 1) {
    const part = payload.subarray(start, start + MAX_PAYLOAD - 1);
    lines.push(pktLine(Buffer.concat([Buffer.from([channel]), part])));
  }
  return Buffer.concat(lines);
}

/** What a client sent breaks git's protocol; the message may be shown to it. */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError';
}

/** Reads lines from the front of a stream of bytes and hands out the rest unread. */
export class PktReader {
  readonly #source: AsyncIterator<Buffer>;
  #held: Buffer = Buffer.alloc(0);
  #left: number;

  /** Throws ProtocolError once the lines together are longer than `limitBytes`. */
  constructor(source: AsyncIterable<Buffer>, limitBytes: number) {
    this.#source = source[Symbol.asyncIterator]();
    this.#left = limitBytes;
  }

  /** The payload of the next line; null for a flush; undefined at the end of the stream. */
  async next(): Promise<Buffer | null | undefined> {
    if (!(await this.#hold(4))) {
      if (this.#held.length === 0) return undefined;
      throw new ProtocolError('the request ends within a line');
    }
    const digits = this.#held.toString('latin1', 0, 4);
    const length = /^[0-9a-fA-F]{4}$/.test(digits) ? Number.parseInt(digits, 16) : -1;
    if (length !== 0 && length < 4) throw new ProtocolError('a line with a bad length');
    this.#left -= Math.max(length, 4);
    if (this.#left < 0) throw new ProtocolError('too many commands');
    if (length > 0 && !(await this.#hold(length))) throw new ProtocolError('the request ends within a line');
    const payload = this.#held.subarray(4, length);
    this.#held = this.#held.subarray(Math.max(length, 4));
    return length === 0 ? null : payload;
  }

  /** Everything after the lines read so far. */
  async *rest(): AsyncGenerator<Buffer> {
    if (this.#held.length > 0) yield this.#held;
    for (;;) {
      const { done, value } = await this.#source.next();
      if (done === true) return;
      yield value;
    }
  }

  async #hold(bytes: number): Promise<boolean> {
    while (this.#held.length < bytes) {
      const { done, value } = await this.#source.next();
      if (done === true) return false;
      this.#held = this.#held.length === 0 ? value : Buffer.concat([this.#held, value]);
    }
    return true;
  }
}
