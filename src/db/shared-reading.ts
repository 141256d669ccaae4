import type { Reading } from './transaction.ts';

/**
 * A view of a database in which nothing moves: a statement that was run before with the same parameters gives the rows of
 * the first time. For the moment in which several callers want the same facts.
 */
export function sharedReading(reading: Reading): Reading {
  const known = new Map<string, Promise<unknown[]>>();
  return {
    ...reading,
    rows(text, parameters) {
      const key = `${text}\n${JSON.stringify(parameters)}`;
      let rows = known.get(key);
      if (rows === undefined) {
        rows = reading.rows(text, parameters);
        known.set(key, rows);
      }
      return rows;
    },
  };
}
