import { PARSED_TOO_BIG } from '../errors.ts';
import { refuse } from '../refusal.ts';
import type { YamlList, YamlMap, YamlScalar, YamlValue } from '../yaml-value.ts';
import { Reference } from '../yaml-value.ts';

/** Bytes of one file's text (ci-yaml 2). */
export const MAX_TEXT_BYTES = 2_097_152;
/** Size of one file's parsed values, aliases counted each time they are used (ci-yaml 2). */
export const MAX_PARSED_BYTES = 2_097_152;
/** Containers within containers (ci-yaml 2). */
export const MAX_DEPTH = 100;
/** Size of the whole tree after include, extends and !reference, shared parts counted each time: ours. */
export const MAX_RESOLVED_BYTES = 16_777_216;

interface Extent {
  bytes: number;
  depth: number;
}

/**
 * Measures values as if nothing were shared, in time linear in what is stored: each container is measured once.
 * So a "billion laughs" is found out before anybody walks it (YML-2). The size is about what the values take written
 * out without aliases; GitLab counts Ruby's objects, which take three to five times as much, so it refuses sooner.
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
    const extent = { bytes: AROUND, depth: 1 };
    for (const [key, child] of container.entries()) {
      const inner = this.#extent(child, depth);
      extent.bytes += inner.bytes + (typeof key === 'string' ? key.length : 0);
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

/** What surrounds a value in writing: an indent or a comma, a colon or a dash, a line's end. */
const AROUND = 4;

function scalarBytes(value: YamlScalar): number {
  return AROUND + (typeof value === 'string' ? value.length : 0);
}
