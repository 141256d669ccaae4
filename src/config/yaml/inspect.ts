import type { YamlScalar, YamlValue } from '../yaml-value.ts';
import { Reference } from '../yaml-value.ts';

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
  if (typeof value === 'object') return show(value, Number.POSITIVE_INFINITY);
  return scalarText(value);
}

function show(value: YamlValue, room: number): string {
  if (value === null) return 'nil';
  if (value instanceof Reference) return `!reference ${show(value.path, room)}`;
  if (value instanceof Map) return `{${join(pairs(value, room), room)}}`;
  if (Array.isArray(value)) return `[${join(items(value, room), room)}]`;
  return typeof value === 'string' ? JSON.stringify(value) : scalarText(value);
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

function scalarText(value: string | number | bigint | boolean): string {
  if (typeof value !== 'number') return String(value);
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? 'Infinity' : '-Infinity';
  return String(value);
}
