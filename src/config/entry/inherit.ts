import type { YamlValue } from '../yaml-value.ts';
import { aHash, allOf, must, stringList } from './check.ts';
import { DEFAULT_KEYS } from './default.ts';
import type { Entry } from './entry.ts';
import { allowKeys, checkConfig } from './keys.ts';
import { texts } from './value.ts';

/** What a job takes over from `default` and from the root variables: all, nothing, or what is listed (ci-yaml 5.3). */
export interface Inherit {
  defaults: boolean | string[];
  variables: boolean | string[];
}

const boolOrStrings = must(
  (value: YamlValue) => typeof value === 'boolean' || stringList(value) === null,
  'should be a bool or array of strings',
);

/** `inherit` of a job. */
export function readInherit(entry: Entry): Inherit {
  const inherit: Inherit = { defaults: true, variables: true };
  if (!checkConfig(entry, aHash)) return inherit;
  allowKeys(entry, ['default', 'variables']);
  if (!entry.sound) return inherit;
  if (entry.get('default') !== null) {
    const child = entry.child('default');
    inherit.defaults = readChoice(child);
    if (child.sound) checkConfig(child, allOf(DEFAULT_KEYS));
  }
  if (entry.get('variables') !== null) inherit.variables = readChoice(entry.child('variables'));
  return inherit;
}

function readChoice(entry: Entry): boolean | string[] {
  const message = boolOrStrings(entry.value);
  if (message !== null) entry.kindError(message);
  return typeof entry.value === 'boolean' ? entry.value : texts(entry.value);
}
