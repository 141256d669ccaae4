import type { Position } from './compiled.ts';
import type { YamlList, YamlMap, YamlScalar } from './yaml-value.ts';

/**
 * Remembers where each key of a mapping and each item of a list was written. Kept beside the values, not in them,
 * so that the phases of the compiler work on plain data; whoever makes a new container from old ones carries the
 * positions over with `copyPosition`.
 */
const byContainer = new WeakMap<YamlMap | YamlList, Map<YamlScalar, Position>>();

/** Records where `key` (a list's index, a mapping's key) of `container` stands. */
export function setPosition(container: YamlMap | YamlList, key: YamlScalar, position: Position): void {
  let positions = byContainer.get(container);
  if (positions === undefined) {
    positions = new Map();
    byContainer.set(container, positions);
  }
  positions.set(key, position);
}

/** Where `key` of `container` was written, or undefined for a value that no file holds (a default, an injected stage). */
export function positionOf(container: YamlMap | YamlList, key: YamlScalar): Position | undefined {
  return byContainer.get(container)?.get(key);
}

/** Gives `to[toKey]` the position of `from[fromKey]`, when that has one. */
export function copyPosition(
  from: YamlMap | YamlList,
  fromKey: YamlScalar,
  to: YamlMap | YamlList,
  toKey: YamlScalar = fromKey,
): void {
  const position = positionOf(from, fromKey);
  if (position !== undefined) setPosition(to, toKey, position);
}

/** Gives `to`, a new container, the positions of all that `from` holds. */
export function copyPositions(from: YamlMap | YamlList, to: YamlMap | YamlList): void {
  const positions = byContainer.get(from);
  if (positions !== undefined) byContainer.set(to, new Map(positions));
}
