import { Lexer } from 'yaml';

/** The part of the library's lexer that is not in its types; the version is pinned, and a test holds us to it. */
interface LexerInside {
  indentNext: number;
  parseQuotedScalar(): Generator<string, unknown>;
  parseFlowCollection(): Generator<string, unknown>;
}

/**
 * The pieces of syntax of a text. YAML 1.2 asks the lines of a quoted text or a flow collection to be indented below
 * their key; libyaml, and so GitLab, does not (ci-yaml 2). So the lexer forgets the indentation inside them.
 */
export function lex(text: string): Generator<string, void> {
  const lexer = new Lexer();
  const inside = lexer as unknown as LexerInside;
  inside.parseQuotedScalar = withoutIndent(inside, inside.parseQuotedScalar);
  inside.parseFlowCollection = withoutIndent(inside, inside.parseFlowCollection);
  return lexer.lex(text);
}

function withoutIndent(
  inside: LexerInside,
  parse: () => Generator<string, unknown>,
): () => Generator<string, unknown> {
  return function* () {
    const indent = inside.indentNext;
    inside.indentNext = 0;
    const next: unknown = yield* parse.call(inside);
    inside.indentNext = indent;
    return next;
  };
}
