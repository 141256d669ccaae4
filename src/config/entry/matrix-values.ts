import type { Combination, MatrixRow } from './matrix.ts';

const EXPRESSION = /\$\[\[\s*matrix\.([^\s\]|]+)\s*\]\]/g;

/** The matrix values of one instance, as `$[[ matrix.NAME ]]` in its needs sees them (ci-yaml 8.6). */
export class MatrixValues {
  readonly #values: ReadonlyMap<string, string>;
  /** First name that was asked for and is not in the matrix. */
  unknown: string | null = null;

  constructor(combination: Combination) {
    this.#values = new Map(combination);
  }

  /** Whether any text in `value`, a text or nested lists of texts, uses a matrix value. */
  static mentionedIn(value: unknown): boolean {
    if (typeof value === 'string') return value.includes('$[[');
    return Array.isArray(value) && value.some((item) => MatrixValues.mentionedIn(item));
  }

  /** `text` with every expression replaced. */
  fill(text: string): string {
    return text.replaceAll(EXPRESSION, (expression, name: string) => {
      const value = this.#values.get(name);
      if (value === undefined) this.unknown ??= name;
      return value ?? expression;
    });
  }

  /** A row of a need's matrix with every expression in its values replaced. */
  fillRow(row: MatrixRow): MatrixRow {
    return row.map(([variable, values]) => [variable, values.map((value) => this.fill(value))]);
  }
}
