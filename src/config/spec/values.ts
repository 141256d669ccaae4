import { PARSED_TOO_BIG } from '../errors.ts';
import { refuse } from '../refusal.ts';
import { MAX_DEPTH } from '../yaml/limits.ts';
import { Float, type YamlValue } from '../yaml-value.ts';

/** JSON data as values: objects become maps. Refuses what is nested too deep; what is not JSON becomes null. */
export function fromJson(data: unknown, depth = 0): YamlValue {
  if (depth > MAX_DEPTH) refuse(PARSED_TOO_BIG);
  if (typeof data === 'string' || typeof data === 'boolean') return data;
  if (typeof data === 'number') return Number.isInteger(data) ? data : new Float(data);
  if (Array.isArray(data)) return data.map((item) => fromJson(item, depth + 1));
  if (typeof data !== 'object' || data === null) return null;
  return new Map(Object.entries(data).map(([key, value]) => [key, fromJson(value, depth + 1)]));
}
