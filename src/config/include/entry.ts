import type { Position } from '../compiled.ts';
import { INCLUDE_EXCLUSIVE, INCLUDE_KIND, includeWithoutSubkey } from '../errors.ts';
import { copyPositions, positionOf, setPosition } from '../positions.ts';
import { refuse } from '../refusal.ts';
import { toText } from '../yaml/inspect.ts';
import { Float, Reference, type YamlMap, type YamlValue } from '../yaml-value.ts';
import type { IncludeRun } from './run.ts';

export const INCLUDE_KINDS = ['local', 'project', 'remote', 'template', 'artifact', 'component'] as const;
export type IncludeKind = (typeof INCLUDE_KINDS)[number];

/** One entry of `include`, in its long form. */
export interface IncludeEntry {
  kind: IncludeKind;
  options: YamlMap;
  position: Position | undefined;
}

/** Characters of an entry that an error shows. */
const MAX_SHOWN = 1000;

/** Entries of an `include` value: a string, a mapping, or a list of both (ci-yaml 4). */
export function readEntries(include: YamlValue, at: Position | undefined, run: IncludeRun): IncludeEntry[] {
  if (include === null) return [];
  if (!Array.isArray(include)) return [readEntry(include, at, run)];
  return include.map((value, index) => readEntry(value, positionOf(include, index) ?? at, run));
}

function readEntry(value: YamlValue, position: Position | undefined, run: IncludeRun): IncludeEntry {
  const options = typeof value === 'string' ? fromString(run.expand(value), position) : value;
  if (!(options instanceof Map)) refuse(INCLUDE_KIND, position);
  const kinds = INCLUDE_KINDS.filter((kind) => options.has(kind));
  const [kind] = kinds;
  if (kind === undefined) refuse(includeWithoutSubkey(run.mask(shown(options))), position);
  if (kinds.length > 1) refuse(INCLUDE_EXCLUSIVE, position);
  return { kind, options, position };
}

/** A string is the address of a remote file, or else a local path (ci-yaml 4). */
function fromString(location: string, position: Position | undefined): YamlMap {
  const kind = /^https?:\/\//i.test(location) ? 'remote' : 'local';
  const options: YamlMap = new Map([[kind, location]]);
  if (position !== undefined) setPosition(options, kind, position);
  return options;
}

/** An entry with one of its keys changed. */
export function withOption(options: YamlMap, key: string, value: YamlValue): YamlMap {
  const changed = new Map(options).set(key, value);
  copyPositions(options, changed);
  return changed;
}

function shown(options: YamlMap): string {
  const json = JSON.stringify(asJson(options));
  return json.length > MAX_SHOWN ? `${json.slice(0, MAX_SHOWN)}...` : json;
}

function asJson(value: YamlValue, depth = 0): unknown {
  if (typeof value === 'bigint' || value instanceof Reference) return toText(value);
  if (value instanceof Float) return value.value;
  if (typeof value !== 'object' || value === null || depth > 3) return depth > 3 ? null : value;
  if (Array.isArray(value)) return value.slice(0, 20).map((item) => asJson(item, depth + 1));
  return Object.fromEntries(
    [...value].slice(0, 20).map(([key, child]) => [toText(key), asJson(child, depth + 1)]),
  );
}
