import { Float, Reference, type YamlScalar, type YamlValue } from '../yaml-value.ts';

/** Longest text that an error message quotes, in characters. */
const MAX_LENGTH = 1000;

/** A value as Ruby's `inspect` shows it: strings quoted, containers in brackets; cut when very long. */
export function inspect(value: YamlValue): string {
  const text = show(value, MAX_LENGTH);
  return text.length > MAX_LENGTH ? `${text.slice(0, MAX_LENGTH)}...` : text;
}

/** A value as Ruby's `to_s` shows it: as `inspect`, but a string is bare and nil is empty. Not cut. */
export function toText(value: YamlValue): string {
  if (value === null) return '';
  return typeof value === 'string' ? value : show(value, Number.POSITIVE_INFINITY);
}

function show(value: YamlValue, room: number): string {
  if (value === null) return 'nil';
  if (value instanceof Reference) return `!reference ${show(value.path, room)}`;
  if (value instanceof Map) return `{${join(pairs(value, room), room)}}`;
  if (Array.isArray(value)) return `[${join(items(value, room), room)}]`;
  if (value instanceof Float) return floatText(value.value);
  return typeof value === 'string' ? JSON.stringify(value) : String(value);
}

function* items(list: YamlValue[], room: number): Generator<string> {
  for (const item of list) yield show(item, room);
}

function* pairs(map: Map<YamlScalar, YamlValue>, room: number): Generator<string> {
  for (const [key, value] of map) yield `${show(key, room)}=>${show(value, room)}`;
}

function join(parts: Iterable<string>, room: number): string {
  const shown: string[] = [];
  let length = 0;
  for (const part of parts) {
    shown.push(part);
    length += part.length;
    if (length > room) break;
  }
  return shown.join(', ');
}

/** A float as Ruby's `to_s` shows it: always with a point, with an exponent where it is very large or small. */
export function floatText(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? 'Infinity' : '-Infinity';
  if (Object.is(value, -0)) return '-0.0';
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-4 || size >= 1e16)) return scientific(value);
  return Number.isInteger(value) ? `${value}.0` : String(value);
}

function scientific(value: number): string {
  const [digits = '', exponent = ''] = value.toExponential().split('e');
  const fraction = digits.includes('.') ? digits : `${digits}.0`;
  return `${fraction}e${exponent[0]}${exponent.slice(1).padStart(2, '0')}`;
}
