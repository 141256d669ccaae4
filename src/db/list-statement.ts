import { Breath } from './breath.ts';
import type { Capabilities } from './dialect/capabilities.ts';
import { statement } from './statement.ts';
import type { Reading } from './transaction.ts';

const SIZES = [1, 4, 16, 32, 64, 128, 512];

type Text = string | ((capabilities: Capabilities) => string);

/**
 * A query over a list of values: `text` has `(list)` where the list stands, after `before` other parameters. Lists are
 * cut and filled up to a few sizes, so that a few texts serve every length.
 */
export function listStatement<Row = never>(
  text: Text,
): (reading: Reading, before: readonly unknown[], values: readonly unknown[]) => Promise<Row[]> {
  const run = sizedStatements<Row>(text, '(list)', (size) => `(${Array(size).fill('?').join(', ')})`);
  return (reading, before, values) => run(reading, before, values, (value) => [value]);
}

/** What a column of `rowsStatement` holds. */
export type ColumnType = 'bigint' | 'text';

/**
 * The same over rows: `text` has `(rows)` where a table of them stands, whose columns are named column1, column2 … as both
 * engines name them. A row may come twice.
 */
export function rowsStatement<Row = never>(
  text: Text,
  columns: readonly ColumnType[],
): (reading: Reading, before: readonly unknown[], rows: readonly (readonly unknown[])[]) => Promise<Row[]> {
  const one = `(${columns.map((type) => `cast(? as ${type})`).join(', ')})`;
  const run = sizedStatements<Row>(text, '(rows)', (size) => `(values ${Array(size).fill(one).join(', ')})`);
  return (reading, before, rows) => run(reading, before, rows, (row) => row);
}

function sizedStatements<Row>(text: Text, place: string, listOf: (size: number) => string) {
  const made = SIZES.map((size) =>
    statement<Row>((c) => (typeof text === 'string' ? text : text(c)).replace(place, listOf(size))),
  );
  return async <Value>(
    reading: Reading,
    before: readonly unknown[],
    values: readonly Value[],
    parametersOf: (value: Value) => readonly unknown[],
  ): Promise<Row[]> => {
    const rows: Row[] = [];
    const breath = new Breath();
    for (let at = 0; at < values.length; ) {
      const left = values.length - at;
      const fits = SIZES.findIndex((size) => size >= left);
      const index = fits === -1 ? SIZES.length - 1 : fits;
      const part = values.slice(at, at + SIZES[index]!);
      at += part.length;
      const filled = [...part, ...Array<Value>(SIZES[index]! - part.length).fill(part.at(-1)!)];
      rows.push(...(await made[index]!(reading, ...before, ...filled.flatMap(parametersOf))));
      await breath.take();
    }
    return rows;
  };
}
