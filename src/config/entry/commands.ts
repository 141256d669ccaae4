import type { YamlValue } from '../yaml-value.ts';
import { must } from './check.ts';
import type { Entry } from './entry.ts';
import { checkConfig } from './keys.ts';

/** Lists may nest this deep, the outermost included (ci-yaml 5.2). */
const MAX_DEPTH = 10;

/** Whether every leaf of a nested list `holds`, and no list stands deeper than allowed. */
export function isNestedList(
  value: YamlValue,
  holds: (leaf: YamlValue) => boolean,
  depth = MAX_DEPTH,
): boolean {
  if (!Array.isArray(value) || depth === 0) return false;
  return value.every((item) => holds(item) || isNestedList(item, holds, depth - 1));
}

/** The strings of a nested list, in order. */
export function flatTexts(value: YamlValue): string[] {
  if (typeof value === 'string') return [value];
  return Array.isArray(value) ? value.flatMap(flatTexts) : [];
}

const isString = (value: YamlValue): boolean => typeof value === 'string';

const commands = must(
  (value) => isString(value) || isNestedList(value, isString),
  'should be a string or a nested array of strings up to 10 levels deep',
);

/** `script`, `before_script`, `after_script` and the hooks: a text or a nested list of texts, flattened (ci-yaml 7). */
export function readCommands(entry: Entry): string[] {
  return checkConfig(entry, commands) ? flatTexts(entry.value) : [];
}
