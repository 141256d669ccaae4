/** A document that is not well-formed, or uses what is refused; `at` is the offset where it shows. */
export class XmlError extends Error {
  readonly at: number;
  constructor(message: string, at: number) {
    super(message);
    this.at = at;
  }
}

export type XmlEvent =
  | { type: 'open'; name: string; attributes: Record<string, string> }
  | { type: 'text'; text: string }
  | { type: 'close'; name: string };

/** Elements inside one another beyond which a document is refused (security ART-11). */
const MAX_DEPTH = 100;
const NAMED: Record<string, string> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };
const NAME = /[\p{L}_:][\p{L}\p{N}_:.-]*/uy;
const SPACE = /\s*/y;

/**
 * The parts of an XML document one by one. There are no document types and no entities but the five of XML itself and
 * characters by number, so nothing is ever fetched and nothing grows (security ART-11). Time is linear in the text.
 * Throws XmlError.
 */
export class XmlReader {
  readonly #text: string;
  readonly #open: string[] = [];
  #at = 0;
  #rootSeen = false;
  #selfClosed: string | null = null;

  constructor(text: string) {
    this.#text = text.startsWith('\uFEFF') ? text.slice(1) : text;
  }

  /** The next part, or null at the end of a whole document. */
  next(): XmlEvent | null {
    if (this.#selfClosed !== null) {
      const name = this.#selfClosed;
      this.#selfClosed = null;
      return { type: 'close', name };
    }
    for (;;) {
      const text = this.#text;
      if (this.#at >= text.length) return this.#end();
      if (text[this.#at] !== '<') {
        const event = this.#characters();
        if (event !== null) return event;
      } else if (text.startsWith('<!--', this.#at)) this.#skipTo('-->', 4);
      else if (text.startsWith('<?', this.#at)) this.#skipTo('?>', 2);
      else if (text.startsWith('<![CDATA[', this.#at)) return this.#cdata();
      else if (text.startsWith('<!', this.#at)) throw this.#error('Document types are not accepted');
      else if (text.startsWith('</', this.#at)) return this.#closing();
      else return this.#opening();
    }
  }

  #end(): null {
    if (this.#open.length > 0) throw this.#error(`EndTag: '</' of ${this.#open.at(-1)} is missing`);
    if (!this.#rootSeen) throw new XmlError('Document is empty', 0);
    return null;
  }

  #characters(): XmlEvent | null {
    const end = this.#text.indexOf('<', this.#at);
    const raw = this.#text.slice(this.#at, end === -1 ? undefined : end);
    if (this.#open.length === 0 && raw.trim() !== '') {
      throw this.#rootSeen
        ? this.#error('Extra content at the end of the document')
        : this.#error("Start tag expected, '<' not found");
    }
    const text = this.#open.length === 0 ? '' : this.#decoded(raw);
    this.#at += raw.length;
    return text === '' ? null : { type: 'text', text };
  }

  #cdata(): XmlEvent {
    if (this.#open.length === 0) throw this.#error("Start tag expected, '<' not found");
    const start = this.#at + 9;
    this.#skipTo(']]>', 9);
    return { type: 'text', text: this.#text.slice(start, this.#at - 3) };
  }

  #closing(): XmlEvent {
    const from = this.#at;
    this.#at += 2;
    const name = this.#name();
    this.#space();
    if (this.#text[this.#at] !== '>') throw this.#error(`expected '>' of ${name}`);
    this.#at++;
    if (this.#open.pop() !== name) throw new XmlError(`Opening and ending tag mismatch: ${name}`, from);
    return { type: 'close', name };
  }

  #opening(): XmlEvent {
    if (this.#open.length === 0 && this.#rootSeen) {
      throw this.#error('Extra content at the end of the document');
    }
    this.#at++;
    const name = this.#name();
    const attributes = this.#attributes(name);
    this.#rootSeen = true;
    if (this.#text[this.#at] === '/') {
      if (this.#text[this.#at + 1] !== '>') throw this.#error(`expected '>' of ${name}`);
      this.#at += 2;
      this.#selfClosed = name;
    } else {
      this.#at++;
      if (this.#open.length >= MAX_DEPTH) throw this.#error('Excessive depth in document');
      this.#open.push(name);
    }
    return { type: 'open', name, attributes };
  }

  #attributes(element: string): Record<string, string> {
    const attributes: Record<string, string> = Object.create(null);
    for (;;) {
      this.#space();
      const character = this.#text[this.#at];
      if (character === undefined) throw this.#error(`Couldn't find end of Start Tag ${element}`);
      if (character === '>' || character === '/') return attributes;
      const name = this.#name();
      this.#space();
      if (this.#text[this.#at] !== '=')
        throw this.#error(`Specification mandates value for attribute ${name}`);
      this.#at++;
      this.#space();
      attributes[name] = this.#value(name);
    }
  }

  #value(name: string): string {
    const quote = this.#text[this.#at];
    if (quote !== '"' && quote !== "'") throw this.#error(`AttValue: " or ' expected for ${name}`);
    const end = this.#text.indexOf(quote, this.#at + 1);
    const raw = this.#text.slice(this.#at + 1, end === -1 ? undefined : end);
    if (end === -1 || raw.includes('<')) throw this.#error(`Unescaped '<' or no end in attribute ${name}`);
    const value = this.#decoded(raw);
    this.#at = end + 1;
    return value;
  }

  #name(): string {
    NAME.lastIndex = this.#at;
    const name = NAME.exec(this.#text)?.[0];
    if (name === undefined) throw this.#error('StartTag: invalid element name');
    this.#at += name.length;
    return name;
  }

  #space(): void {
    SPACE.lastIndex = this.#at;
    this.#at += SPACE.exec(this.#text)![0].length;
  }

  #skipTo(end: string, opening: number): void {
    const found = this.#text.indexOf(end, this.#at + opening);
    if (found === -1) throw this.#error(`'${end}' expected`);
    this.#at = found + end.length;
  }

  #decoded(raw: string): string {
    if (!raw.includes('&')) return raw;
    return raw.replace(/&(#x[0-9a-f]+;|#\d+;|\w+;)?/gi, (whole, reference: string | undefined) => {
      const name = reference?.slice(0, -1) ?? '';
      const value = name.startsWith('#') ? characterOf(name) : NAMED[name];
      if (value === undefined) throw this.#error(`Entity '${whole}' not defined`);
      return value;
    });
  }

  #error(message: string): XmlError {
    return new XmlError(message, this.#at);
  }
}

function characterOf(reference: string): string | undefined {
  const hex = reference[1] === 'x' || reference[1] === 'X';
  const code = hex ? Number.parseInt(reference.slice(2), 16) : Number(reference.slice(1));
  const valid = code > 0 && code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff);
  return valid ? String.fromCodePoint(code) : undefined;
}
