import { isAlias, isMap, isScalar, isSeq, type ParsedNode, Scalar, type YAMLMap, type YAMLSeq } from 'yaml';
import type { Position } from '../compiled.ts';
import { PARSED_TOO_BIG, unknownAnchor, unspecifiedClass } from '../errors.ts';
import { copyPosition, setPosition } from '../positions.ts';
import { refuse } from '../refusal.ts';
import type { YamlList, YamlMap, YamlScalar, YamlValue } from '../yaml-value.ts';
import { Float, Reference } from '../yaml-value.ts';
import { inspect } from './inspect.ts';
import { Budget, MAX_DEPTH, MAX_PARSED_BYTES, Measure } from './limits.ts';
import { resolvePlain } from './scalar.ts';

type Node = ParsedNode | null;
type At = (offset: number) => Position;

/** Stands for an anchor whose node is still being built: an alias to it would be endless. */
class Open {}

/** Size of one entry of a container at least; what a merge key copies is paid for at once. */
const ENTRY_BYTES = 4;

/**
 * Turns a syntax tree into values. An alias gives the very container of its anchor, so values must not be changed
 * in place; the limits count it anew at each use (ci-yaml 2, YML-2).
 */
export function construct(root: Node, at: At): YamlValue {
  const builder = new Builder(at);
  return builder.build(root);
}

class Builder {
  readonly #at: At;
  readonly #anchors = new Map<string, YamlValue | Open>();
  readonly #measure = new Measure(MAX_PARSED_BYTES, MAX_DEPTH);
  readonly #budget = new Budget(MAX_PARSED_BYTES);

  constructor(at: At) {
    this.#at = at;
  }

  build(node: Node): YamlValue {
    if (node === null) return null;
    if (isAlias(node)) return this.#alias(node.source, node.range?.[0] ?? 0);
    if (!node.anchor) return this.#plain(node);
    const open = new Open();
    this.#anchors.set(node.anchor, open);
    const value = this.#plain(node);
    if (this.#anchors.get(node.anchor) === open) this.#anchors.set(node.anchor, value);
    return value;
  }

  #plain(node: Exclude<ParsedNode, { source: string; anchor?: never }>): YamlValue {
    if (node.tag?.startsWith('!ruby/')) {
      refuse(unspecifiedClass(node.tag.replace(/^!ruby\/[^:]*:?/, '')), this.#at(node.range[0]));
    }
    const value = this.#untagged(node);
    return node.tag === '!reference' ? new Reference(value) : value;
  }

  #untagged(node: ParsedNode): YamlValue {
    if (isMap(node)) return this.#map(node as YAMLMap.Parsed);
    if (isSeq(node)) return this.#list(node as YAMLSeq.Parsed);
    return isScalar(node) ? this.#scalar(node) : null;
  }

  #alias(name: string, offset: number): YamlValue {
    const value = this.#anchors.get(name);
    if (value === undefined) refuse(unknownAnchor(name), this.#at(offset));
    if (value instanceof Open) refuse(PARSED_TOO_BIG, this.#at(offset));
    return value;
  }

  #list(node: YAMLSeq.Parsed): YamlList {
    const list: YamlList = [];
    for (const item of node.items as Node[]) {
      setPosition(list, list.length, this.#at(item?.range?.[0] ?? 0));
      list.push(this.build(item));
      this.#budget.spend(ENTRY_BYTES);
    }
    this.#measure.bytes(list);
    return list;
  }

  #map(node: YAMLMap.Parsed): YamlMap {
    const map: YamlMap = new Map();
    for (const pair of node.items) {
      const key = this.#key(pair.key as Node);
      const value = this.build(pair.value as Node);
      const merged = key === '<<' ? this.#mergeSources(pair.value as Node, value) : null;
      if (merged === null) this.#set(map, key, value, this.#at((pair.key as Node)?.range?.[0] ?? 0));
      else for (const source of merged) this.#mergeInto(map, source);
    }
    this.#measure.bytes(map);
    return map;
  }

  #set(map: YamlMap, key: YamlScalar, value: YamlValue, position: Position): void {
    this.#budget.spend(ENTRY_BYTES);
    map.set(key, value);
    setPosition(map, key, position);
  }

  /** Maps that `<<` brings, in the order in which they overwrite each other; null: an ordinary key. */
  #mergeSources(node: Node, value: YamlValue): YamlMap[] | null {
    if (value instanceof Map) return [value];
    if (!isSeq(node) || !Array.isArray(value)) return null;
    return value.every((one) => one instanceof Map) ? [...value].reverse() : null;
  }

  #mergeInto(map: YamlMap, source: YamlMap): void {
    for (const [key, value] of source) {
      this.#budget.spend(ENTRY_BYTES);
      map.set(key, value);
      copyPosition(source, key, map);
    }
  }

  /** Psych allows a container as a key; as text it stays distinct and can only be refused later. */
  #key(node: Node): YamlScalar {
    const key = this.build(node);
    if (key instanceof Float) return key.value; // so that equal keys are one
    return typeof key === 'object' && key !== null ? inspect(key) : key;
  }

  #scalar(node: Scalar.Parsed): YamlScalar {
    const text = String(node.source ?? '');
    if (node.tag === '!binary' || node.tag === 'tag:yaml.org,2002:binary') {
      return Buffer.from(text, 'base64').toString('utf8');
    }
    if (node.tag === '!str' || node.tag === 'tag:yaml.org,2002:str') return text;
    const quoted = node.type !== undefined && node.type !== Scalar.PLAIN;
    if (quoted && !isNumberTag(node.tag)) return text;
    const scalar = resolvePlain(text);
    return scalar.ok ? scalar.value : refuse(scalar.message, this.#at(node.range[0]));
  }
}

function isNumberTag(tag: string | undefined): boolean {
  return tag === 'tag:yaml.org,2002:int' || tag === 'tag:yaml.org,2002:float' || tag === '!float';
}
