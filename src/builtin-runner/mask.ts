const REPLACEMENT = Buffer.from('[MASKED]');

/** Tokens of these forms are masked up to their end, whatever their value (security TOK-1). */
const TOKEN =
  /(?:glpat-|glcbt-|glrt-|glrtr-|glptt-|gldt-|glft-|glsoat-|glimt-|glagent-|glffct-|GR1348941)[A-Za-z0-9_.=-]{8,}/g;
const TOKEN_PREFIX_LENGTH = 12;

/**
 * Replaces secrets in a stream of bytes by `[MASKED]`, across every chunk border. What could still become a secret is
 * held back until the next chunk decides it, so output lags by less than the longest phrase.
 */
export class Masker {
  readonly #phrases: Buffer[];
  readonly #holdBack: number;
  #rest: Buffer = Buffer.alloc(0);

  /** `phrases`: the secret values; longer ones win where they overlap. Empty ones are ignored. */
  constructor(phrases: readonly string[]) {
    this.#phrases = [...new Set(phrases)]
      .filter((phrase) => phrase.length > 0)
      .map((phrase) => Buffer.from(phrase))
      .sort((a, b) => b.length - a.length);
    this.#holdBack = Math.max(TOKEN_PREFIX_LENGTH, ...this.#phrases.map((phrase) => phrase.length)) - 1;
  }

  /** Takes a chunk, gives what is decided of everything taken so far. */
  write(chunk: Buffer): Buffer {
    return this.#release(Buffer.concat([this.#rest, chunk]), false);
  }

  /** The end of the stream: gives the rest. */
  flush(): Buffer {
    return this.#release(this.#rest, true);
  }

  #release(bytes: Buffer, last: boolean): Buffer {
    const secrets = this.#find(bytes);
    let decided = last ? bytes.length : Math.max(0, bytes.length - this.#holdBack);
    // A secret that reaches over the border stays whole on the undecided side, a token until its end is seen.
    for (const secret of secrets) {
      if (secret.start < decided && secret.end >= decided && !last) decided = Math.min(decided, secret.start);
    }
    const out: Buffer[] = [];
    let position = 0;
    for (const secret of secrets) {
      if (secret.end > decided) break;
      out.push(bytes.subarray(position, secret.start), REPLACEMENT);
      position = secret.end;
    }
    out.push(bytes.subarray(position, decided));
    this.#rest = bytes.subarray(decided);
    return Buffer.concat(out);
  }

  /** Secrets in order, not overlapping: the earliest wins, of those the longest. */
  #find(bytes: Buffer): { start: number; end: number }[] {
    const found: { start: number; end: number }[] = [];
    for (const phrase of this.#phrases) {
      for (let at = bytes.indexOf(phrase); at !== -1; at = bytes.indexOf(phrase, at + 1)) {
        found.push({ start: at, end: at + phrase.length });
      }
    }
    for (const match of bytes.toString('latin1').matchAll(TOKEN)) {
      found.push({ start: match.index, end: match.index + match[0].length });
    }
    found.sort((a, b) => a.start - b.start || b.end - a.end);
    return mergeOverlaps(found);
  }
}

/** Two secrets that share bytes are one: nothing of either may show. */
function mergeOverlaps(sorted: { start: number; end: number }[]): { start: number; end: number }[] {
  const merged: { start: number; end: number }[] = [];
  for (const one of sorted) {
    const previous = merged.at(-1);
    if (previous !== undefined && one.start < previous.end) previous.end = Math.max(previous.end, one.end);
    else merged.push({ ...one });
  }
  return merged;
}
