import { allDone } from './all-done.ts';
import { Breath } from './breath.ts';
import { statement } from './statement.ts';
import type { Tx } from './transaction.ts';

/** Rows per statement: a few sizes only, so that a few texts serve every number of rows. */
const MOST = 256;
const SIZES = [64, 16, 4, 1];

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
  const inserting = (size: number) =>
    statement<Returned>(
      `insert into ${table} (${columns.join(', ')}) values ${Array(size).fill(marks).join(', ')} ${end}`,
    );
  const most = inserting(MOST);
  const smaller = SIZES.map((size) => ({ size, run: inserting(size) }));
  return async (tx, rows) => {
    const returned: Returned[] = [];
    const breath = new Breath();
    let at = 0;
    for (; rows.length - at >= MOST; at += MOST) {
      returned.push(...(await most(tx, ...rows.slice(at, at + MOST).flat())));
      await breath.take();
    }
    // What is left takes a few statements, which are sent together.
    const rest: Promise<Returned[]>[] = [];
    for (const { size, run } of smaller) {
      for (; rows.length - at >= size; at += size) rest.push(run(tx, ...rows.slice(at, at + size).flat()));
    }
    return returned.concat(...(await allDone(rest)));
  };
}
