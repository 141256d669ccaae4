import { setImmediate } from 'node:timers/promises';

const RUN = 4096;

/** Sorts by path, equal paths in the order given, letting other work of the process run between slices. */
export async function sortByPath<T extends { path: string }>(items: readonly T[]): Promise<T[]> {
  let runs: T[][] = [];
  for (let at = 0; at < items.length; at += RUN) {
    runs.push(items.slice(at, at + RUN).sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0)));
    await setImmediate();
  }
  while (runs.length > 1) {
    const merged: T[][] = [];
    for (let at = 0; at < runs.length; at += 2) {
      const [left, right] = [runs[at]!, runs[at + 1]];
      merged.push(right === undefined ? left : await merge(left, right));
    }
    runs = merged;
  }
  return runs[0] ?? [];
}

async function merge<T extends { path: string }>(left: T[], right: T[]): Promise<T[]> {
  const result: T[] = [];
  for (let l = 0, r = 0; l < left.length || r < right.length; ) {
    const takeLeft = r === right.length || (l < left.length && left[l]!.path <= right[r]!.path);
    result.push(takeLeft ? left[l++]! : right[r++]!);
    if (result.length % (2 * RUN) === 0) await setImmediate();
  }
  return result;
}
