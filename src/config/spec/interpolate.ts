import { NODE_TOO_BIG, TOO_MANY_BLOCKS, TOO_MANY_NODES } from '../errors.ts';
import { copyPosition } from '../positions.ts';
import { refuse } from '../refusal.ts';
import { toText } from '../yaml/inspect.ts';
import type { Budget } from '../yaml/limits.ts';
import { Reference, type YamlList, type YamlMap, type YamlScalar, type YamlValue } from '../yaml-value.ts';
import type { Interpolated, InterpolationValues } from './access.ts';
import { type Block, evaluateBlock, findBlocks } from './block.ts';
import type { VariableAccess } from './functions.ts';

const MAX_NODE_BYTES = 1_048_576;
const MAX_BLOCKS = 10_000;
const MAX_NODES = 500_000;
const MAX_ERRORS = 3;
/** An item that splicing adds costs more of the budget than a character. */
const SPLICE_COST = 8;

/**
 * Fills every `$[[ ... ]]` of a file's content, keys included. A value alone in its text keeps its type, and an
 * array alone as an item of a list is spliced into it (ci-yaml 3). `budget` pays for the characters that this
 * makes. Refuses with up to three errors in one text.
 */
export function interpolate(
  content: YamlMap,
  values: InterpolationValues,
  access: VariableAccess,
  budget: Budget,
): YamlMap {
  const interpolation = new Interpolation(values, access, budget);
  const filled = interpolation.fill(content) as YamlMap;
  interpolation.refuseErrors();
  return filled;
}

class Interpolation {
  readonly #values: InterpolationValues;
  readonly #access: VariableAccess;
  readonly #budget: Budget;
  readonly #blocks = new Map<string, Interpolated>();
  readonly #containers = new Map<YamlMap | YamlList, YamlValue>();
  readonly #errors = new Set<string>();
  #nodes = 0;

  constructor(values: InterpolationValues, access: VariableAccess, budget: Budget) {
    this.#values = values;
    this.#access = access;
    this.#budget = budget;
  }

  refuseErrors(): void {
    if (this.#errors.size > 0) refuse([...this.#errors].slice(0, MAX_ERRORS).join(', '));
  }

  fill(value: YamlValue): YamlValue {
    this.#nodes += 1;
    if (this.#nodes > MAX_NODES) refuse(TOO_MANY_NODES);
    if (typeof value === 'string') return this.#text(value);
    if (value instanceof Reference) return this.#reference(value);
    if (!(value instanceof Map) && !Array.isArray(value)) return value;
    const known = this.#containers.get(value);
    if (known !== undefined) return known;
    const filled = value instanceof Map ? this.#map(value) : this.#list(value);
    this.#containers.set(value, filled);
    return filled;
  }

  #reference(reference: Reference): Reference {
    const path = this.fill(reference.path);
    return path === reference.path ? reference : new Reference(path);
  }

  #map(map: YamlMap): YamlMap {
    const filled: YamlMap = new Map();
    for (const [key, value] of map) {
      const name = this.#key(key);
      filled.set(name, this.fill(value));
      copyPosition(map, key, filled, name);
    }
    return filled;
  }

  #key(key: YamlScalar): YamlScalar {
    return typeof key === 'string' && key.includes('$[[') ? toText(this.fill(key)) : key;
  }

  #list(list: YamlList): YamlList {
    const filled: YamlList = [];
    for (const [index, item] of list.entries()) {
      const value = this.fill(item);
      const spliced = typeof item === 'string' && Array.isArray(value) ? value : [value];
      if (spliced.length > 1) this.#budget.spend(spliced.length * SPLICE_COST);
      for (const one of spliced) {
        copyPosition(list, index, filled, filled.length);
        filled.push(one);
      }
    }
    return filled;
  }

  #text(text: string): YamlValue {
    const blocks = text.includes('$[[') ? findBlocks(text) : [];
    const [first] = blocks;
    if (first === undefined) return text;
    if (Buffer.byteLength(text) > MAX_NODE_BYTES) refuse(NODE_TOO_BIG);
    if (blocks.length === 1 && first.start === 0 && first.end === text.length) return this.#block(first);
    return this.#join(text, blocks);
  }

  #join(text: string, blocks: Block[]): string {
    let filled = '';
    let from = 0;
    for (const block of blocks) {
      const value = toText(this.#block(block));
      filled += text.slice(from, block.start) + value;
      this.#budget.spend(value.length);
      from = block.end;
    }
    return filled + text.slice(from);
  }

  #block({ expression }: Block): YamlValue {
    const known = this.#blocks.get(expression);
    const result = known ?? evaluateBlock(expression, this.#values, this.#access);
    if (known === undefined) this.#remember(expression, result);
    return result.ok ? result.value : null;
  }

  #remember(expression: string, result: Interpolated): void {
    this.#blocks.set(expression, result);
    if (this.#blocks.size > MAX_BLOCKS) refuse(TOO_MANY_BLOCKS);
    if (!result.ok) this.#errors.add(result.message);
  }
}
