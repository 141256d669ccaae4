import { goOnTogether, moment } from './moment.ts';
import type { Reading } from './transaction.ts';

/** Gives what it finds of the keys. */
type Load<Key, Value> = (reading: Reading, keys: readonly Key[]) => Promise<ReadonlyMap<Key, Value>>;

interface Gathering<Key, Value> {
  keys: Set<Key>;
  loaded: Promise<ReadonlyMap<Key, Value>>;
}

/**
 * Reads one thing by its key; calls of the same moment, as when many requests have arrived, become one query, which begins
 * after all of them. Inside a transaction only calls that are made side by side are of the same moment.
 */
export function gathered<Key, Value>(
  load: Load<Key, Value>,
): (reading: Reading, key: Key) => Promise<Value | undefined> {
  const loadMany = gatheredMany(load);
  return async (reading, key) => (await loadMany(reading, [key])).get(key);
}

/** The same for things that are wanted together; the answer may hold more, which others wanted. */
export function gatheredMany<Key, Value>(load: Load<Key, Value>): Load<Key, Value> {
  const gatherings = new WeakMap<Reading, Gathering<Key, Value>>();
  return (reading, wanted) => {
    let gathering = gatherings.get(reading);
    if (gathering === undefined) {
      const keys = new Set<Key>();
      const loaded = momentOf(reading).then(async () => {
        gatherings.delete(reading);
        const found = await load(reading, [...keys]);
        goOnTogether();
        return found;
      });
      gathering = { keys, loaded };
      gatherings.set(reading, gathering);
    }
    for (const key of wanted) gathering.keys.add(key);
    return gathering.loaded;
  };
}

function momentOf(reading: Reading): Promise<void> {
  return 'notify' in reading ? Promise.resolve() : moment();
}
