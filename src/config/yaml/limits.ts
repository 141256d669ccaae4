import { PARSED_TOO_BIG } from '../errors.ts';
import { refuse } from '../refusal.ts';
import type { YamlList, YamlMap, YamlScalar, YamlValue } from '../yaml-value.ts';
import { Reference } from '../yaml-value.ts';

/** Bytes of one file's text (ci-yaml 2). */
export const MAX_TEXT_BYTES = 2_097_152;
/** Bytes that one file's parsed values take, aliases counted each time they are used (ci-yaml 2). */
export const MAX_PARSED_BYTES = 2_097_152;
/** Containers within containers (ci-yaml 2). */
export const MAX_DEPTH = 100;
/** Bytes of the whole tree after include, extends and !reference, shared parts counted each time: ours. */
export const MAX_RESOLVED_BYTES = 33_554_432;

interface Extent {
  bytes: number;
  depth: number;
}

/**
 * Measures values as if nothing were shared, in time linear in what is stored: each container is measured once.
 * So a "billion laughs" is found out before anybody walks it (YML-2). The bytes are an estimate of Ruby's objects.
 */
export class Measure {
  readonly #known = new WeakMap<YamlMap | YamlList, Extent>();
  readonly #maxBytes: number;
  readonly #maxDepth: number;

  constructor(maxBytes: number, maxDepth: number) {
    this.#maxBytes = maxBytes;
    this.#maxDepth = maxDepth;
  }

  /** Bytes of `value`; refuses what is over the limits. Recurses no deeper than `maxDepth` beyond what is known. */
  bytes(value: YamlValue): number {
    return this.#extent(value, 0).bytes;
  }

  #extent(value: YamlValue, depth: number): Extent {
    if (value instanceof Reference) return this.#extent(value.path, depth);
    if (!(value instanceof Map) && !Array.isArray(value)) return { bytes: scalarBytes(value), depth: 0 };
    const extent = this.#known.get(value) ?? this.#measure(value, depth + 1);
    if (depth + extent.depth > this.#maxDepth) refuse(PARSED_TOO_BIG);
    return extent;
  }

  #measure(container: YamlMap | YamlList, depth: number): Extent {
    if (depth > this.#maxDepth) refuse(PARSED_TOO_BIG);
    const extent = { bytes: containerBytes(container), depth: 1 };
    for (const [key, child] of container.entries()) {
      const inner = this.#extent(child, depth);
      extent.bytes += inner.bytes + scalarBytes(key);
      extent.depth = Math.max(extent.depth, inner.depth + 1);
      if (extent.bytes > this.#maxBytes) refuse(PARSED_TOO_BIG);
    }
    this.#known.set(container, extent);
    return extent;
  }
}

/** Refuses once more than `limit` units have been spent; for work that makes values faster than it reads them. */
export class Budget {
  #left: number;
  constructor(limit: number) {
    this.#left = limit;
  }
  /** Takes `units` off; over the limit the phase is refused. */
  spend(units: number): void {
    this.#left -= units;
    if (this.#left < 0) refuse(PARSED_TOO_BIG);
  }
}

const WORD = 40;
const EMBEDDED = 23;

function scalarBytes(value: YamlScalar): number {
  if (typeof value !== 'string') return 0;
  return value.length <= EMBEDDED ? WORD : WORD + value.length;
}

function containerBytes(container: YamlMap | YamlList): number {
  if (Array.isArray(container)) return container.length <= 3 ? WORD : WORD + 8 * container.length;
  if (container.size === 0) return WORD;
  return container.size <= 8 ? WORD + 128 : WORD + 48 * container.size;
}
