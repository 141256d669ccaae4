const REPLACEMENT = Buffer.from('[MASKED]');

/** Tokens with these beginnings are masked up to their end, whatever their value (security TOK-1). */
const TOKEN_PREFIXES = [
  'glpat-',
  'glcbt-',
  'glrt-',
  'glrtr-',
  'glptt-',
  'gldt-',
  'glft-',
  'glsoat-',
  'glimt-',
  'glagent-',
  'glffct-',
  'GR1348941',
];
const ANY_PREFIX = `(?:${TOKEN_PREFIXES.join('|')})`;
const TOKEN = new RegExp(`${ANY_PREFIX}[A-Za-z0-9_.=-]{8,}`, 'g');
/** The end of a text that is, or could still become, a token. */
const TOKEN_TAIL = new RegExp(`${ANY_PREFIX}[A-Za-z0-9_.=-]*$`);
/** No token is longer; what goes on beyond is shown rather than held for ever. */
const MAX_TOKEN = 1024;

/**
 * Replaces secrets in a stream of bytes by `[MASKED]`, across every chunk border. Only what could still become a secret is
 * held back until the next chunk decides it, so that a log can be read while it grows.
 */
export class Masker {
  readonly #phrases: Buffer[];
  /** What a secret may begin with. */
  readonly #beginnings: Buffer[];
  #rest: Buffer = Buffer.alloc(0);

  /** `phrases`: the secret values. Empty ones are ignored. */
  constructor(phrases: readonly string[]) {
    const tokens = TOKEN_PREFIXES.map((prefix) => Buffer.from(prefix));
    const secrets = [...new Set(phrases)].filter((phrase) => phrase.length > 0);
    this.#phrases = secrets.map((phrase) => Buffer.from(phrase));
    this.#beginnings = [...this.#phrases, ...tokens];
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
    let decided = last ? bytes.length : this.#undecidedFrom(bytes);
    // A secret that reaches into what is undecided stays whole on that side.
    const cut = secrets.find((secret) => secret.start < decided && secret.end > decided);
    if (cut !== undefined) decided = cut.start;
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

  /** Where the longest end begins that may be the beginning of a secret. */
  #undecidedFrom(bytes: Buffer): number {
    let from = bytes.length;
    for (const secret of this.#beginnings) {
      from = Math.min(from, bytes.length - overlap(bytes, secret));
    }
    const tail = TOKEN_TAIL.exec(bytes.subarray(-MAX_TOKEN).toString('latin1'));
    return tail === null ? from : Math.min(from, bytes.length - tail[0].length);
  }

  /** Secrets in order, not overlapping. */
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

/** Length of the longest end of `bytes` with which `secret` begins, short of the whole secret. */
function overlap(bytes: Buffer, secret: Buffer): number {
  const first = secret[0]!;
  let at = bytes.indexOf(first, Math.max(0, bytes.length - secret.length + 1));
  while (at !== -1) {
    const length = bytes.length - at;
    if (bytes.compare(secret, 0, length, at) === 0) return length;
    at = bytes.indexOf(first, at + 1);
  }
  return 0;
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
