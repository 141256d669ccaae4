import { circularExtends, deepExtends, invalidExtends, unknownExtends } from './errors.ts';
import { deepMerge } from './merge.ts';
import { copyPosition, positionOf } from './positions.ts';
import { refuse } from './refusal.ts';
import { toText } from './yaml/inspect.ts';
import type { Budget } from './yaml/limits.ts';
import type { YamlMap, YamlScalar } from './yaml-value.ts';

/** Ancestors that a job may have through `extends` (ci-yaml 5.1). */
const MAX_ANCESTORS = 10;

/** A top-level mapping with its bases merged in, and how many generations stand above it. */
interface Extended {
  value: YamlMap;
  height: number;
}

/**
 * Merges into every top-level mapping the mappings its `extends` names, left to right, itself last (ci-yaml 5.1).
 * The `extends` key stays. Refuses as a phase.
 */
export function resolveExtends(root: YamlMap, budget: Budget): YamlMap {
  const family = new Family(root, budget);
  const resolved: YamlMap = new Map();
  for (const [key, value] of root) {
    resolved.set(key, value instanceof Map ? family.extend(key, []).value : value);
    copyPosition(root, key, resolved);
  }
  return resolved;
}

class Family {
  readonly #root: YamlMap;
  readonly #budget: Budget;
  readonly #done = new Map<YamlScalar, Extended>();

  constructor(root: YamlMap, budget: Budget) {
    this.#root = root;
    this.#budget = budget;
  }

  /** `heirs` are the names on the way from the job that asked down to `key`. */
  extend(key: YamlScalar, heirs: YamlScalar[]): Extended {
    const known = this.#done.get(key);
    if (known && heirs.length + known.height <= MAX_ANCESTORS) return known;
    const value = this.#root.get(key) as YamlMap;
    const extended = value.has('extends') ? this.#merge(key, value, heirs) : { value, height: 0 };
    this.#done.set(key, extended);
    return extended;
  }

  #merge(key: YamlScalar, value: YamlMap, heirs: YamlScalar[]): Extended {
    const bases = baseNames(value);
    this.#check(key, value, bases, heirs);
    const parents = bases.map((base) => this.extend(base, [...heirs, key]));
    const layers = [...parents.map((parent) => parent.value), value];
    const height = Math.max(0, ...parents.map((parent) => parent.height + 1));
    return { value: deepMerge(layers, this.#budget), height };
  }

  #check(key: YamlScalar, value: YamlMap, bases: string[], heirs: YamlScalar[]): void {
    const at = positionOf(value, 'extends');
    const job = toText(key);
    const unknown = bases.filter((base) => !this.#root.has(base));
    if (unknown.length > 0) refuse(unknownExtends(job, unknown.join(', ')), at);
    const invalid = bases.filter((base) => !(this.#root.get(base) instanceof Map));
    if (invalid.length > 0) refuse(invalidExtends(job, invalid.join(', ')), at);
    if (heirs.length > MAX_ANCESTORS) refuse(deepExtends(job), at);
    if (heirs.includes(key)) refuse(circularExtends(job), at);
  }
}

/** Whatever `extends` holds is read as names: a number is looked up, and so not found (ci-yaml 5.1). */
function baseNames(value: YamlMap): string[] {
  const bases = value.get('extends') ?? [];
  return (Array.isArray(bases) ? bases : [bases]).map(toText);
}
