/** The tree of a `rules:if` expression (ci-yaml 10.1). */
export type Expression =
  | { kind: 'null' }
  | { kind: 'boolean'; value: boolean }
  | { kind: 'string'; value: string }
  | { kind: 'variable'; name: string }
  /** `source` with `\/` already read as `/`; `flags` are some of `i s m U`. */
  | { kind: 'pattern'; source: string; flags: string }
  | { kind: 'not'; operand: Expression }
  | { kind: 'binary'; operator: BinaryOperator; left: Expression; right: Expression };

export type BinaryOperator = '==' | '!=' | '=~' | '!~' | '&&' | '||';
