import type { Rule } from '../compiled.ts';
import type { YamlValue } from '../yaml-value.ts';
import { must } from './check.ts';
import { isNestedList } from './commands.ts';
import type { Entry } from './entry.ts';
import { checkConfig } from './keys.ts';
import { type RuleKind, readRule } from './rule.ts';
import { isBlank } from './value.ts';

/** A nested list of mappings; a job reports this itself, before it looks into any keyword (ci-yaml 10.2). */
export const nestedHashes = must(
  (value) => isNestedList(value, (item: YamlValue) => item instanceof Map),
  'should be an array containing hashes and arrays of hashes',
);

/** `rules` of a job or of the workflow, flattened. */
export function readRules(entry: Entry, kind: RuleKind): Rule[] {
  if (isBlank(entry.value)) {
    entry.error('config', "can't be blank");
    return [];
  }
  if (!checkConfig(entry, nestedHashes)) return [];
  return entry.items('rule').map((rule) => readRule(rule, kind));
}
