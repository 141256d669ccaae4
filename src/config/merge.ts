import { copyPosition, positionOf } from './positions.ts';
import type { Budget } from './yaml/limits.ts';
import type { YamlMap } from './yaml-value.ts';

/** Keys that one compilation may copy while merging: what a merge makes is paid for before it is made (YML-2). */
export const MAX_MERGED_KEYS = 1_000_000;

/**
 * `over` laid over `base`: mappings merge key by key, everything else (lists too) is replaced (ci-yaml 4, 5.1).
 * Neither argument is changed; parts that only one side has are shared. Positions follow the values.
 */
export function deepMerge(base: YamlMap, over: YamlMap, budget: Budget): YamlMap {
  if (base.size === 0) return over;
  if (over.size === 0) return base;
  budget.spend(base.size + over.size);
  const merged: YamlMap = new Map(base);
  for (const key of base.keys()) copyPosition(base, key, merged);
  for (const [key, value] of over) {
    const below = merged.get(key);
    const both = value instanceof Map && below instanceof Map;
    merged.set(key, both ? deepMerge(below, value, budget) : value);
    if (positionOf(over, key) !== undefined) copyPosition(over, key, merged);
  }
  return merged;
}
