import { copyPosition, copyPositions } from './positions.ts';
import type { Budget } from './yaml/limits.ts';
import type { YamlMap } from './yaml-value.ts';

/** Keys that one compilation may copy while merging: what a merge makes is paid for before it is made (YML-2). */
export const MAX_MERGED_KEYS = 500_000;

/**
 * Lays mappings over one another, the later over the earlier: mappings merge key by key, everything else (lists too)
 * is replaced (ci-yaml 4, 5.1). None of `layers` is changed; parts that only one has are shared. Positions follow the
 * values. A mapping is copied once, however many layers come over it.
 */
export function deepMerge(layers: YamlMap[], budget: Budget): YamlMap {
  const filled = layers.filter((layer) => layer.size > 0);
  const [first = new Map(), ...others] = filled;
  if (others.length === 0) return first;
  const merge = new Merge(budget);
  const merged = merge.own(first);
  for (const layer of others) merge.overlay(merged, layer);
  return merged;
}

class Merge {
  readonly #budget: Budget;
  readonly #owned = new Set<YamlMap>();

  constructor(budget: Budget) {
    this.#budget = budget;
  }

  /** `map`, or a copy of it that may be changed. */
  own(map: YamlMap): YamlMap {
    if (this.#owned.has(map)) return map;
    this.#budget.spend(map.size);
    const copy = new Map(map);
    copyPositions(map, copy);
    this.#owned.add(copy);
    return copy;
  }

  overlay(target: YamlMap, over: YamlMap): void {
    this.#budget.spend(over.size);
    for (const [key, value] of over) {
      const below = target.get(key);
      if (value instanceof Map && below instanceof Map) target.set(key, this.#over(below, value));
      else target.set(key, value);
      copyPosition(over, key, target);
    }
  }

  #over(below: YamlMap, value: YamlMap): YamlMap {
    if (value.size === 0) return below;
    if (below.size === 0) return value;
    const inner = this.own(below);
    this.overlay(inner, value);
    return inner;
  }
}
