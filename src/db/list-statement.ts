import { Breath } from './breath.ts';
import type { Capabilities } from './dialect/capabilities.ts';
import { statement } from './statement.ts';
import type { Reading } from './transaction.ts';

const SIZES = [1, 8, 32, 128, 512];

/**
 * A query over a list of values: `text` has `(list)` where the list stands, after `before` other parameters. Lists are
 * cut and filled up to a few sizes, so that a few texts serve every length.
 */
export function listStatement<Row>(
  text: string | ((capabilities: Capabilities) => string),
): (reading: Reading, before: readonly unknown[], values: readonly unknown[]) => Promise<Row[]> {
  const statements = SIZES.map((size) => {
    const list = `(${Array(size).fill('?').join(', ')})`;
    return statement<Row>((capabilities) =>
      (typeof text === 'string' ? text : text(capabilities)).replace('(list)', list),
    );
  });
  return async (reading, before, values) => {
    const rows: Row[] = [];
    const breath = new Breath();
    for (let at = 0; at < values.length; ) {
      const left = values.length - at;
      const fits = SIZES.findIndex((size) => size >= left);
      const index = fits === -1 ? SIZES.length - 1 : fits;
      const part = values.slice(at, at + SIZES[index]!);
      at += part.length;
      const filled = [...part, ...Array(SIZES[index]! - part.length).fill(part.at(-1))];
      rows.push(...(await statements[index]!(reading, ...before, ...filled)));
      await breath.take();
    }
    return rows;
  };
}
