import { Breath } from './breath.ts';
import { statement } from './statement.ts';
import type { Tx } from './transaction.ts';

/** Rows per statement: a few sizes only, so that a few texts serve every number of rows. */
const SIZES = [256, 64, 16, 4, 1];

/**
 * An insert of many rows in few statements. `columns` in the order of a row's values; `end` is what follows them, as
 * `returning id` or `on conflict do nothing`. The result inserts rows in their order and gives what was returned.
 */
export function insertRows<Returned = never>(
  table: string,
  columns: readonly string[],
  end = '',
): (tx: Tx, rows: readonly (readonly unknown[])[]) => Promise<Returned[]> {
  const marks = `(${columns.map(() => '?').join(', ')})`;
  const statements = SIZES.map((size) =>
    statement<Returned>(
      `insert into ${table} (${columns.join(', ')}) values ${Array(size).fill(marks).join(', ')} ${end}`,
    ),
  );
  return async (tx, rows) => {
    const returned: Returned[] = [];
    const breath = new Breath();
    for (let at = 0; at < rows.length; ) {
      const fits = SIZES.findIndex((size) => size <= rows.length - at);
      const part = rows.slice(at, at + SIZES[fits]!);
      returned.push(...(await statements[fits]!(tx, ...part.flat())));
      at += part.length;
      await breath.take();
    }
    return returned;
  };
}
