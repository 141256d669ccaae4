import { INVALID_PATTERN, unknownInterpolation } from '../errors.ts';
import type { YamlValue } from '../yaml-value.ts';

/** What `$[[ ]]` can name: `inputs` and `component`, each by key. */
export type InterpolationValues = ReadonlyMap<string, ReadonlyMap<string, YamlValue>>;

export type Interpolated = { ok: true; value: YamlValue } | { ok: false; message: string };

const MAX_KEYS = 5;
const SEGMENT = /^([^[\]\s]+)((?:\[\d{1,9}\])*)$/;

/** Follows `inputs.name.key[0]` (ci-yaml 3): dots and list positions, at most five keys. */
export function accessValue(path: string, values: InterpolationValues): Interpolated {
  const segments = path.split('.').map((segment) => SEGMENT.exec(segment));
  if (segments.length < 2 || segments.length > MAX_KEYS || segments.includes(null)) {
    return { ok: false, message: INVALID_PATTERN };
  }
  let value: YamlValue | undefined = new Map(values as ReadonlyMap<string, Map<string, YamlValue>>);
  for (const segment of segments) {
    const [, key, positions] = segment!;
    value = value instanceof Map ? value.get(key!) : undefined;
    if (value === undefined) return { ok: false, message: unknownInterpolation(key!, path) };
    for (const [, position] of positions!.matchAll(/\[(\d+)\]/g)) {
      value = Array.isArray(value) ? value[Number(position)] : undefined;
      if (value === undefined) return { ok: false, message: unknownInterpolation(segment![0], path) };
    }
  }
  return { ok: true, value };
}
