import { Composer, type CST, type Document, type ParsedNode, Parser } from 'yaml';
import type { Position } from '../compiled.ts';
import { PARSED_TOO_BIG, syntaxError } from '../errors.ts';
import { refuse } from '../refusal.ts';
import { lex } from './lexer.ts';
import { MAX_DEPTH } from './limits.ts';
import type { Source } from './source.ts';

const OPTIONS = {
  version: '1.1',
  schema: 'failsafe',
  resolveKnownTags: false,
  uniqueKeys: false,
  strict: false,
  logLevel: 'silent',
} as const;

/** What libyaml's reader accepts; everything else is a control character to it. */
const FORBIDDEN = /[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u;

/** The first document of a source as a syntax tree; scalars are still text. Refuses bad syntax and deep nesting. */
export function parseSyntax(source: Source, at: (offset: number) => Position): Document.Parsed<ParsedNode> {
  const forbidden = FORBIDDEN.exec(source.text);
  if (forbidden) refuseSyntax('control characters are not allowed', at(forbidden.index));
  const documents = new Composer(OPTIONS).compose(tokens(source.text), true, source.text.length);
  const document = documents.next().value as Document.Parsed<ParsedNode>;
  const error = document.errors[0];
  if (error) refuseSyntax(firstLine(error.message), at(error.pos[0]));
  return document;
}

/** More pieces of syntax than a file within `MAX_PARSED_BYTES` has; bounds the work on one that is not. */
const MAX_LEXEMES = 700_000;
/** Characters of a syntax error's text. */
const MAX_DETAIL_LENGTH = 300;
/** `%` lines of one document; each costs the library an error object. */
const MAX_DIRECTIVES = 16;

/**
 * Drives the parser one lexeme at a time, so that its stack, which is the nesting, is bounded before the
 * recursive composer sees anything (YML-2). The stack also holds the document and the scalar at hand.
 */
function* tokens(text: string): Generator<CST.Token, void> {
  const parser = new Parser();
  let lexemes = 0;
  let directives = 0;
  for (const lexeme of lex(text)) {
    for (const token of parser.next(lexeme)) {
      if (token.type === 'directive') directives += 1;
      yield token;
    }
    lexemes += 1;
    const deep = parser.stack.length > MAX_DEPTH + 3;
    if (deep || lexemes > MAX_LEXEMES || directives > MAX_DIRECTIVES) refuse(PARSED_TOO_BIG);
  }
  yield* parser.end();
}

function refuseSyntax(detail: string, position: Position): never {
  refuse(syntaxError(detail, position.line, position.column), position);
}

/** The library repeats what it cannot read, however long. */
function firstLine(message: string): string {
  return message.split('\n', 1)[0]!.slice(0, MAX_DETAIL_LENGTH);
}
