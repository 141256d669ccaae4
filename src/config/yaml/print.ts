import {
  Float,
  Reference,
  type YamlList,
  type YamlMap,
  type YamlScalar,
  type YamlValue,
} from '../yaml-value.ts';
import { floatText, inspect } from './inspect.ts';
import { printString } from './print-string.ts';

/**
 * A value as YAML text the way Ruby's Psych prints it: `---` first, block style, lists not indented below their key,
 * quotes where a plain text would read as something else. Reading it back gives the same value (ci-yaml 2).
 */
export function printYaml(value: YamlValue): string {
  const lines: string[] = [];
  const printer = new Printer(lines);
  if (isContainer(value)) {
    lines.push('---');
    printer.container(value, '');
  } else {
    printer.scalar('--- ', value, '');
  }
  return `${lines.join('\n')}\n`;
}

class Printer {
  readonly #lines: string[];
  constructor(lines: string[]) {
    this.#lines = lines;
  }

  container(value: YamlMap | YamlList, indent: string): void {
    if (value instanceof Map) this.#map(value, indent, indent);
    else this.#list(value, indent, indent);
  }

  /** `first` is what the first line begins with: the indent, or the dash of the item that holds this map. */
  #map(map: YamlMap, first: string, indent: string): void {
    let start = first;
    for (const [key, value] of map) {
      const name = `${start}${printKey(key)}:`;
      if (value instanceof Map && value.size > 0)
        this.#below(name, () => this.#map(value, `${indent}  `, `${indent}  `));
      else if (Array.isArray(value) && value.length > 0)
        this.#below(name, () => this.#list(value, indent, indent));
      else this.scalar(`${name} `, value, indent);
      start = indent;
    }
  }

  #list(list: YamlList, first: string, indent: string): void {
    let start = first;
    for (const value of list) {
      const dash = `${start}- `;
      const deeper = `${indent}  `;
      if (value instanceof Map && value.size > 0) this.#map(value, dash, deeper);
      else if (Array.isArray(value) && value.length > 0) this.#list(value, dash, deeper);
      else this.scalar(dash, value, indent);
      start = indent;
    }
  }

  scalar(before: string, value: YamlValue, indent: string): void {
    const [first = '', ...rest] = printScalar(value, `${indent}  `);
    this.#lines.push(`${before}${first}`.trimEnd(), ...rest);
  }

  #below(name: string, print: () => void): void {
    this.#lines.push(name);
    print();
  }
}

/** A scalar or an empty container, as lines; those after the first begin with `indent`. */
function printScalar(value: YamlValue, indent: string): string[] {
  if (value instanceof Map) return ['{}'];
  if (Array.isArray(value)) return ['[]'];
  if (value instanceof Reference) return [`!reference ${inspect(value.path)}`];
  return typeof value === 'string' ? printString(value, indent) : [printPlain(value)];
}

function printKey(key: YamlScalar): string {
  if (typeof key !== 'string') return key === null ? "''" : printPlain(key);
  const [line = ''] = printString(key.includes('\n') ? '' : key, '');
  return key.includes('\n') ? JSON.stringify(key) : line;
}

function printPlain(scalar: number | bigint | Float | boolean | null): string {
  if (scalar === null) return '';
  if (!(scalar instanceof Float)) return String(scalar);
  if (Number.isNaN(scalar.value)) return '.nan';
  return Number.isFinite(scalar.value) ? floatText(scalar.value) : `${scalar.value > 0 ? '' : '-'}.inf`;
}

function isContainer(value: YamlValue): value is YamlMap | YamlList {
  return (value instanceof Map && value.size > 0) || (Array.isArray(value) && value.length > 0);
}
