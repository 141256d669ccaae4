import { toText } from '../yaml/inspect.ts';
import { Float, type YamlValue } from '../yaml-value.ts';

/** Whether a value holds nothing: null, false, an empty list or mapping, white space. */
export function isBlank(value: YamlValue): boolean {
  if (value === null || value === false) return true;
  if (typeof value === 'string') return value.trim() === '';
  if (Array.isArray(value)) return value.length === 0;
  return value instanceof Map && value.size === 0;
}

/** The value as a string; null for every other kind. */
export function text(value: YamlValue): string | null {
  return typeof value === 'string' ? value : null;
}

/** The value as a boolean; null for every other kind. */
export function flag(value: YamlValue): boolean | null {
  return typeof value === 'boolean' ? value : null;
}

/** The strings of a list, or a string as the only one. */
export function texts(value: YamlValue): string[] {
  const items = Array.isArray(value) ? value : [value];
  return items.filter((item) => typeof item === 'string');
}

/** The strings of a list; null when the value is none. */
export function textsOrNull(value: YamlValue): string[] | null {
  return value === null ? null : texts(value);
}

/** The integers of a list, or an integer as the only one. */
export function integers(value: YamlValue): number[] {
  const items = Array.isArray(value) ? value : [value];
  return items.filter((item) => typeof item === 'number' && Number.isInteger(item)) as number[];
}

/** A value as plain data that JSON can hold; objects have no prototype, so any key is safe. */
export function toPlain(value: YamlValue): unknown {
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  if (value instanceof Float) return value.value;
  if (Array.isArray(value)) return value.map(toPlain);
  return value instanceof Map ? plainRecord(value) : value;
}

/** A mapping as a plain record without prototype; null for every other kind. */
export function plainRecord(value: YamlValue): Record<string, unknown> | null {
  if (!(value instanceof Map)) return null;
  const record: Record<string, unknown> = Object.create(null);
  for (const [key, item] of value) record[toText(key)] = toPlain(item);
  return record;
}
