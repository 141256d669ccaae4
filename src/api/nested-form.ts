/** Largest number of parameters and deepest nesting of one request (security LIM-1). */
export const MAX_PARAMETERS = 10_000;
export const MAX_DEPTH = 32;

/** Parameters by name; without a prototype, so that no name of a client's means something to JavaScript. */
export type Fields = Record<string, unknown>;

export function emptyFields(): Fields {
  return Object.create(null) as Fields;
}

/**
 * Parameters from name-value pairs (texts, or files of a multipart body) with Rack's nesting: `a[b]=1`, `a[]=1`, `a[][b]=1&a[][c]=2` (surrounding-api 0.2).
 * Null when names contradict each other (`a=1&a[b]=2`), nest too deeply or are too many.
 */
export function nestFields(pairs: readonly (readonly [string, unknown])[]): Fields | null {
  if (pairs.length > MAX_PARAMETERS) return null;
  const fields = emptyFields();
  for (const [name, value] of pairs) {
    const keys = keysOf(name);
    if (keys === null) return null;
    if (keys.length > 0 && !put(fields, keys, 0, value)) return null;
  }
  return fields;
}

/** `a[b][][c]` as `a`, `b`, ``, `c`; null when nested too deeply. A name that starts with a bracket is plain. */
function keysOf(name: string): string[] | null {
  const bracket = name.indexOf('[');
  if (bracket <= 0 || !name.endsWith(']')) return name === '' ? [] : [name];
  const keys = [name.slice(0, bracket)];
  keys.push(...name.slice(bracket + 1, -1).split(']['));
  return keys.length > MAX_DEPTH ? null : keys;
}

function put(fields: Fields, keys: readonly string[], at: number, value: unknown): boolean {
  const key = keys[at]!;
  const next = keys[at + 1];
  if (next === undefined) {
    if (typeof fields[key] === 'object') return false;
    fields[key] = value;
    return true;
  }
  if (next === '') return putInList(fields, key, keys, at + 2, value);
  fields[key] ??= emptyFields();
  const inner = fields[key];
  if (!isFields(inner)) return false;
  return put(inner, keys, at + 1, value);
}

/** Lists and files have a prototype. */
function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === null;
}

function putInList(
  fields: Fields,
  key: string,
  keys: readonly string[],
  at: number,
  value: unknown,
): boolean {
  fields[key] ??= [];
  const list = fields[key];
  if (!Array.isArray(list)) return false;
  if (at >= keys.length) {
    list.push(value);
    return true;
  }
  const last: unknown = list.at(-1);
  const open = typeof last === 'object' && last !== null && !has(last as Fields, keys, at);
  const item = open ? (last as Fields) : emptyFields();
  if (!open) list.push(item);
  return put(item, keys, at, value);
}

/** Whether an object of a list already holds this key, so that the pair starts the next object. */
function has(fields: Fields, keys: readonly string[], at: number): boolean {
  const value = fields[keys[at]!];
  if (value === undefined) return false;
  if (at + 1 >= keys.length) return true;
  if (keys[at + 1] === '') return false;
  return typeof value === 'object' && value !== null && has(value as Fields, keys, at + 1);
}
