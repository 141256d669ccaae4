import { goOnTogether, moment } from './moment.ts';
import type { Reading } from './transaction.ts';

interface Gathering<Key, Value> {
  keys: Set<Key>;
  loaded: Promise<ReadonlyMap<Key, Value>>;
}

/**
 * Reads one thing by its key; calls of the same moment, as when many requests have arrived, become one query. `load` gives
 * what it finds of the keys. Inside a transaction only calls that are made side by side are of the same moment.
 */
export function gathered<Key, Value>(
  load: (reading: Reading, keys: readonly Key[]) => Promise<ReadonlyMap<Key, Value>>,
): (reading: Reading, key: Key) => Promise<Value | undefined> {
  const gatherings = new WeakMap<Reading, Gathering<Key, Value>>();
  return async (reading, key) => {
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
    gathering.keys.add(key);
    return (await gathering.loaded).get(key);
  };
}

function momentOf(reading: Reading): Promise<void> {
  return 'notify' in reading ? Promise.resolve() : moment();
}
