import { toText } from '../yaml/inspect.ts';
import { type Check, must } from './check.ts';
import type { Entry } from './entry.ts';

/** Names of the keys of an entry's mapping, in the order of the file; none for other kinds. */
export function keysOf(entry: Entry): string[] {
  return entry.value instanceof Map ? [...entry.value.keys()].map(toText) : [];
}

function unknownKeys(entry: Entry, known: readonly string[]): string[] {
  const keys = entry.value instanceof Map ? [...entry.value.keys()] : [];
  return keys.filter((key) => typeof key !== 'string' || !known.includes(key)).map(toText);
}

/** Reports keys that are not `known`. */
export function allowKeys(entry: Entry, known: readonly string[], message = 'contains unknown keys'): void {
  const unknown = unknownKeys(entry, known);
  if (unknown.length > 0) entry.error('config', `${message}: ${unknown.join(', ')}`, unknown[0]);
}

/** Reports keys of `forbidden` that have a value. */
export function forbidKeys(
  entry: Entry,
  forbidden: readonly string[],
  message = 'contains disallowed keys',
): void {
  const found = keysOf(entry).filter((key) => forbidden.includes(key) && entry.get(key) !== null);
  if (found.length > 0) entry.error('config', `${message}: ${found.join(', ')}`, found[0]);
}

/** Reports keys of `required` that are absent. */
export function requireKeys(entry: Entry, required: readonly string[]): void {
  const missing = required.filter((key) => !entry.has(key));
  if (missing.length > 0) entry.error('config', `missing required keys: ${missing.join(', ')}`);
}

/** Reports when two or more of `keys` were written, in the order of the file. */
export function exclusiveKeys(entry: Entry, keys: readonly string[]): void {
  const found = keysOf(entry).filter((key) => keys.includes(key));
  if (found.length > 1) {
    entry.error('config', `these keys cannot be used together: ${found.join(', ')}`, found[1]);
  }
}

/** Reports unless exactly one of `keys` was written. */
export function exactlyOneKey(entry: Entry, keys: readonly string[]): void {
  const found = keysOf(entry).filter((key) => keys.includes(key));
  if (found.length !== 1) entry.error('config', `must use exactly one of these keys: ${keys.join(', ')}`);
}

/** Checks the values of keys that have one, in the order of the table; a null value counts as absent. */
export function checkAttributes(entry: Entry, checks: Readonly<Record<string, Check>>): void {
  for (const [key, check] of Object.entries(checks)) {
    const value = entry.get(key);
    const message = value === null ? null : check(value);
    if (message !== null) entry.error(key, message);
  }
}

/** Checks the whole value; answers whether it passed. */
export function checkConfig(entry: Entry, check: Check): boolean {
  const message = check(entry.value);
  if (message !== null) entry.error('config', message);
  return message === null;
}

/** Checks that `key` holds a text that is not blank. */
export function requireText(entry: Entry, key: string): void {
  const value = entry.get(key);
  if (typeof value === 'string' ? value.trim() === '' : value === null) entry.error(key, "can't be blank");
  else checkAttributes(entry, { [key]: must((given) => typeof given === 'string', 'should be a string') });
}

/** A table of what to do with each key of a mapping: its child entry in, a part of the compiled value out. */
export type Readers<T> = ReadonlyMap<string, (entry: Entry) => Partial<T>>;

/** Reads the children that `readers` knows and that have a value, in the order of the file, into `target`. */
export function readChildren<T extends object>(entry: Entry, readers: Readers<T>, target: T): T {
  for (const key of keysOf(entry)) {
    const reader = readers.get(key);
    if (reader !== undefined && entry.get(key) !== null) Object.assign(target, reader(entry.child(key)));
  }
  return target;
}
