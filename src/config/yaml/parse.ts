import { INVALID_FORMAT, TEXT_TOO_BIG } from '../errors.ts';
import { attempt, type Outcome, refuse } from '../refusal.ts';
import type { YamlMap, YamlValue } from '../yaml-value.ts';
import { construct } from './construct.ts';
import { MAX_TEXT_BYTES } from './limits.ts';
import { locator, type Source } from './source.ts';
import { parseSyntax } from './syntax.ts';

/** A configuration file's two parts (ci-yaml 2, 3). */
export interface ParsedFile {
  /** The mapping that holds `spec`; null without one. */
  header: YamlMap | null;
  content: YamlMap;
}

/**
 * Reads a configuration file: its header document, if it has one, and its content. `file` is the name that
 * positions carry. Refused: bad syntax, too big or too deep, a top level that is no mapping (ci-yaml 2).
 */
export function parseFile(text: string, file: string): Outcome<ParsedFile> {
  return attempt(() => {
    const [first = null, second = null] = parseDocuments(text, file);
    if (first instanceof Map && first.has('spec') && second !== null) {
      return { header: first, content: asMapping(second) };
    }
    return { header: null, content: asMapping(first) };
  });
}

/** Reads one YAML document into values; `file` is the name that positions carry. */
export function parseYaml(text: string, file: string): Outcome<YamlValue> {
  return attempt(() => parseDocuments(text, file)[0] ?? null);
}

function parseDocuments(text: string, file: string): YamlValue[] {
  if (Buffer.byteLength(text) > MAX_TEXT_BYTES) refuse(TEXT_TOO_BIG);
  const documents: YamlValue[] = [];
  for (const source of splitDocuments(text, file)) {
    const value = parseDocument(source);
    if (value !== null) documents.push(value);
    if (documents.length === 2 || !hasSpec(documents[0])) break;
  }
  return documents;
}

function parseDocument(source: Source): YamlValue {
  const at = locator(source);
  return construct(parseSyntax(source, at).contents, at);
}

/** A later document is only looked at beside a header, or while none has been found. */
function hasSpec(document: YamlValue | undefined): boolean {
  return document === undefined || (document instanceof Map && document.has('spec'));
}

/** Documents begin at lines that start with `---` and white space; the blank ones are left out (ci-yaml 2). */
function splitDocuments(text: string, file: string): Source[] {
  const sources: Source[] = [];
  let start = 0;
  let firstLine = 1;
  const add = (end: number, next: number) => {
    const piece = text.slice(start, end).replace(/^\ufeff/, '');
    if (piece.trim() !== '') sources.push({ file, text: piece, firstLine });
    firstLine += text.slice(start, next).split('\n').length - 1;
    start = next;
  };
  for (const divider of text.matchAll(/^---(?=\s)[ \t]*\r?\n?/gm)) {
    add(divider.index, divider.index + divider[0].length);
  }
  add(text.length, text.length);
  return sources;
}

function asMapping(document: YamlValue): YamlMap {
  return document instanceof Map ? document : refuse(INVALID_FORMAT);
}
