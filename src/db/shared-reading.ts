import type { Reading } from './transaction.ts';

/**
 * A view of a database in which nothing moves: a statement that was run before with the same parameters gives the rows of
 * the first time. For the moment in which several callers want the same facts.
 */
export function sharedReading(reading: Reading): Reading {
  const known = new Map<string, Promise<unknown[]>>();
  const shared: Reading = {
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
  madeOf.set(shared, new Map());
  return shared;
}

const madeOf = new WeakMap<Reading, Map<string, unknown>>();

/**
 * What is made of the rows of a shared reading, made once; of any other reading it is made anew. `key` names it with all
 * that it depends on beside the rows. Nobody may change it.
 */
export function madeOnce<T>(reading: Reading, key: string, make: () => T): T {
  const known = madeOf.get(reading);
  if (known === undefined) return make();
  if (!known.has(key)) known.set(key, make());
  return known.get(key) as T;
}
