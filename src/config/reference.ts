import type { Position } from './compiled.ts';
import { circularReference, deepReference, invalidReference, missingReference } from './errors.ts';
import { copyPositions, positionOf } from './positions.ts';
import { refuse } from './refusal.ts';
import { inspect } from './yaml/inspect.ts';
import { Reference, type YamlList, type YamlMap, type YamlValue } from './yaml-value.ts';

/** References that may follow one another, each in what the last one brought (security YML-4). */
const MAX_CHAIN = 10;

/**
 * Replaces every `!reference` by what it names in the same tree; a list inside a list stays one element
 * (ci-yaml 5.2). Parts without references are shared with `root`. Refuses as a phase.
 */
export function resolveReferences(root: YamlMap): YamlMap {
  return new Resolver(root).resolve(root, undefined) as YamlMap;
}

class Resolver {
  readonly #root: YamlMap;
  readonly #containers = new WeakMap<YamlMap | YamlList, YamlValue>();
  readonly #found = new Map<Reference, YamlValue>();
  readonly #open: Reference[] = [];

  constructor(root: YamlMap) {
    this.#root = root;
  }

  resolve(value: YamlValue, at: Position | undefined): YamlValue {
    if (value instanceof Reference) return this.#follow(value, at);
    if (!(value instanceof Map) && !Array.isArray(value)) return value;
    const known = this.#containers.get(value);
    if (known !== undefined) return known;
    const resolved = value instanceof Map ? this.#map(value) : this.#list(value);
    this.#containers.set(value, resolved);
    return resolved;
  }

  #map(map: YamlMap): YamlMap {
    const resolved: YamlMap = new Map();
    let changed = false;
    for (const [key, value] of map) {
      const child = this.resolve(value, positionOf(map, key));
      changed ||= child !== value;
      resolved.set(key, child);
    }
    if (!changed) return map;
    copyPositions(map, resolved);
    return resolved;
  }

  #list(list: YamlList): YamlList {
    const resolved = list.map((item, index) => this.resolve(item, positionOf(list, index)));
    if (resolved.every((item, index) => Object.is(item, list[index]))) return list;
    copyPositions(list, resolved);
    return resolved;
  }

  #follow(reference: Reference, at: Position | undefined): YamlValue {
    const known = this.#found.get(reference);
    if (known !== undefined) return known;
    const path = reference.path;
    if (!isPath(path)) refuse(invalidReference(showInvalid(path)), at);
    if (this.#open.includes(reference)) refuse(circularReference(inspect(path)), at);
    if (this.#open.length >= MAX_CHAIN) refuse(deepReference(inspect(path)), at);
    this.#open.push(reference);
    const value = this.resolve(this.#dig(path, at), at);
    this.#open.pop();
    if (value === null || value === false) refuse(missingReference(inspect(path)), at);
    this.#found.set(reference, value);
    return value;
  }

  #dig(path: string[], at: Position | undefined): YamlValue {
    let value: YamlValue = this.#root;
    for (const key of path) {
      if (value instanceof Reference) value = this.#follow(value, at);
      value = (value instanceof Map ? value.get(key) : undefined) ?? null;
    }
    return value;
  }
}

function isPath(path: YamlValue): path is string[] {
  return Array.isArray(path) && path.length > 0 && path.every((key) => typeof key === 'string');
}

function showInvalid(path: YamlValue): string {
  return typeof path === 'string' && path !== '' ? path : inspect(path);
}
